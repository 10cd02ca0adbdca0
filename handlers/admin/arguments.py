"""The words after an admin's command, read one after the other; whatever cannot be read is told with the usage."""

from collections.abc import Collection
from decimal import Decimal

from handlers.screens import brief
from services.money import ZERO, Money

LONGEST_REASON = 200
LARGEST_ID = 2**63 - 1
MOST_PERCENT = 100_000


class Misread(Exception):
    """What was typed is not what the command takes: `code` names the sentence, None where the usage alone says it."""

    def __init__(self, code: str | None = None, **params: str) -> None:
        super().__init__(code, params)
        self.code, self.params = code, params


class Words:
    """What was typed after a command. Every reader takes the next word and raises Misread where it will not do."""

    def __init__(self, typed: str | None) -> None:
        self._left = (typed or "").strip()

    def __bool__(self) -> bool:
        return bool(self._left)

    def next(self) -> str:
        """Any word."""
        if not self._left:
            raise Misread
        word, *rest = self._left.split(maxsplit=1)
        self._left = rest[0] if rest else ""
        return word

    def peek(self) -> str:
        """The next word, which stays; nothing where there is none."""
        return self._left.split(maxsplit=1)[0] if self._left else ""

    def number(self) -> int:
        """The id of something: of an order, a service, a person; a leading # is no matter."""
        word = self.next()
        digits = word.removeprefix("#")
        if not (digits.isascii() and digits.isdigit() and int(digits) <= LARGEST_ID):
            raise Misread("misread-number", text=brief(word))
        return int(digits)

    def amount(self) -> Money:
        """An amount of money above 0."""
        word = self.next()
        try:
            amount = Money.parse(word.removeprefix("+"))
        except ValueError:
            raise Misread("misread-amount", text=brief(word)) from None
        if amount <= ZERO:
            raise Misread("misread-not-positive")
        return amount

    def percent(self) -> Decimal:
        """A share from 0 to MOST_PERCENT; a % behind it is no matter."""
        word = self.next()
        digits = word.removesuffix("%").removeprefix("+")
        whole, _, part = digits.partition(".")
        fits = (whole + part).isdigit() and digits.isascii() and whole and len(whole) <= 6 and len(part) <= 4
        if not fits or Decimal(digits) > MOST_PERCENT:
            raise Misread("misread-percent", text=brief(word), most=str(MOST_PERCENT))
        return Decimal(digits)

    def choice(self, among: Collection[str]) -> str:
        """One of these words, in any case."""
        word = self.next()
        if word.lower() not in among:
            raise Misread("misread-choice", text=brief(word), among=", ".join(among))
        return word.lower()

    def rest(self, longest: int = LONGEST_REASON) -> str:
        """All that is left, on one line; it may be nothing."""
        text, self._left = " ".join(self._left.split()), ""
        return text[:longest]

    def reason(self) -> str:
        """The same, where it must be something."""
        if not self._left:
            raise Misread("misread-reason")
        return self.rest()

    def end(self) -> None:
        """Nothing more may come."""
        if self._left:
            raise Misread("misread-more", text=brief(self._left))
