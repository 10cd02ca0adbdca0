"""The letters that customers know servers by: read out of a provider's names, handed out where there are none."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, count, product
from string import ascii_uppercase

_SEPARATORS = re.escape("|•·~»›/–—:,-")
_SERVER = re.compile(
    r"[\[({]?\s*\b(?i:server)\s*[-#:]?\s*(?:(?P<letters>[A-Za-z]|[A-Z]{2})|[0-9]{1,3})(?![^\W_])\s*[\])}]?"
)
_DOUBLED = re.compile(rf"\s*([{_SEPARATORS}])(?:\s*[{_SEPARATORS}])+(?=\s|$)")


def read(name: str) -> tuple[str, str | None]:
    """(the name without its server word and the separators left over, the letters it gave or None).

    "Likes | Real | Server A" is ("Likes | Real", "A"). A server that goes by a number merely loses it.
    """
    found = _SERVER.search(name)
    if found is None:
        return name, None
    left = _DOUBLED.sub(r" \1", f"{name[: found.start()]} {name[found.end() :]}")
    letters = found["letters"]
    return re.sub(rf"^[\s{_SEPARATORS}]+|[\s{_SEPARATORS}]+$", "", " ".join(left.split())), letters and letters.upper()


def assign(wishes: Iterable[tuple[str, str | None]], taken: set[str]) -> dict[str, str]:
    """A label for each (key, letters wished for or None), none of them in `taken`, which grows by them.

    Wishes are met first come, first served, before anybody else is given the next free one of A to Z, AA, ...
    """
    given: dict[str, str] = {}
    without: list[str] = []
    for key, wish in wishes:
        if wish is None or wish in taken:
            without.append(key)
        else:
            given[key] = wish
            taken.add(wish)
    free = (label for label in _labels() if label not in taken)
    given |= dict(zip(without, free, strict=False))
    taken.update(given.values())
    return given


def rank(label: str) -> int:
    """Where a label stands in the order A to Z, AA, ..., counting from 1."""
    number = 0
    for letter in label:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _labels() -> Iterator[str]:
    return chain.from_iterable(map(_of_length, count(1)))


def _of_length(letters: int) -> Iterator[str]:
    return map("".join, product(ascii_uppercase, repeat=letters))
