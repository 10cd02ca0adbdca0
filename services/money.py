"""Money as whole micro-units (10^-6 of the shop currency): exact, frozen, never a float."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

MICROS = 1_000_000
LARGEST = 2**62
"""Micro-units a single amount may not exceed: the sum of two still fits the databases' 64 bits."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """`micros` micro-units of the shop currency; negative amounts exist only as differences."""

    micros: int

    def __post_init__(self) -> None:
        if type(self.micros) is not int:
            raise TypeError(f"money is an int of micro-units, not {type(self.micros).__name__}")
        if abs(self.micros) > LARGEST:
            raise ValueError("an amount too large to be money")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "10", "10.5" or "0.000001" exactly; ValueError for anything else, a seventh decimal included."""
        cleaned = text.strip()
        sign, digits = (-1, cleaned[1:]) if cleaned.startswith("-") else (1, cleaned)
        whole, _, part = digits.partition(".")
        if not (whole + part).isdigit() or not digits.isascii() or not whole or len(part) > 6 or len(whole) > 12:
            raise ValueError(f"not an amount of money: {text!r}")
        return cls(sign * int(whole + part.ljust(6, "0")))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.micros + other.micros)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.micros - other.micros)

    def __neg__(self) -> "Money":
        return Money(-self.micros)

    def __bool__(self) -> bool:
        return self.micros != 0

    @property
    def decimal(self) -> Decimal:
        """The amount in whole currency units, exact."""
        return Decimal(self.micros).scaleb(-6)

    def __str__(self) -> str:
        """At least two decimals and only as many more as it takes: 10.00, 0.0045."""
        whole, _, part = f"{self.decimal:.6f}".partition(".")
        return f"{whole}.{part[:2]}{part[2:].rstrip('0')}"


ZERO = Money(0)
