"""Reads one value of a panel's JSON at a time: text, numbers and truth, whatever they were written as."""

import html
import json
import re
from decimal import Decimal, InvalidOperation

Object = dict[str, object]
"""A JSON object; its values are str, int, Decimal, bool, None, list and dict."""

LONGEST_NUMBER = 40
"""Digits beyond which a number is nobody's figure but an attempt to keep the processor busy."""
LARGEST_COUNT = 10**15
ALMOST_WHOLE = Decimal("0.000001")
"""A count that went through a binary float is this near to a whole number, or it is not a count."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,2})?")
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_INTEGRAL = re.compile(r"([0-9]+)\.0+")
_NOT_IDENTIFIERS = frozenset(
    {"null", "none", "nil", "nan", "undefined", "array", "object", "true", "false", "yes", "no"}
    | {"ok", "success", "error", "fail", "failed", "unknown", "pending"}
)
_DENIALS = frozenset(
    {"0", "n", "na", "no", "not", "non", "none", "never", "without", "off", "false", "null", "disabled", "unavailable"}
)
_TAG = re.compile(r"</?[A-Za-z!][^<>]*>")
# Nothing to see, or what turns the text round: controls, format and bidi characters, halves of surrogate pairs,
# private use. Joiners stay, for emoji and Persian need them; white space stays, it becomes plain spaces.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)


class Unreadable(ValueError):
    """An answer that is not what it should be: no JSON, or JSON of another shape."""


def load(body: bytes) -> object:
    """The JSON document in `body`, fractions as exact Decimals; Unreadable for anything else.

    A number too long to mean anything, NaN and Infinity are read as null. A byte order mark is overlooked.
    """
    try:
        return _DECODER.decode(body.decode("utf-8-sig", "replace").strip())
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= LONGEST_NUMBER else None


def _fraction(digits: str) -> Decimal | None:
    try:
        return Decimal(digits) if len(digits) <= 2 * LONGEST_NUMBER else None
    except InvalidOperation:
        return None


_DECODER = json.JSONDecoder(parse_float=_fraction, parse_int=_whole, parse_constant=lambda _: None, strict=False)


def number(value: object) -> Decimal | None:
    """A number written as a number or as text, exactly; None for everything else, true and false included."""
    if isinstance(value, str):
        digits = value.strip()
        return _sized(Decimal(digits)) if _NUMBER.fullmatch(digits) else None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return _sized(Decimal(value))
    return None


def _sized(value: Decimal) -> Decimal | None:
    """The value, unless it is too large or too small to be any figure of an order."""
    return value if value.is_finite() and -LONGEST_NUMBER < value.adjusted() < LONGEST_NUMBER else None


def count(value: object) -> int | None:
    """A whole number, negative ones included; None where there is none or where it is no count (over 10^15, 0.5)."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:
        return int(value)  # the usual shape, a hundred thousand times a poll cycle
    exact = number(value)
    if exact is None or abs(exact) > LARGEST_COUNT:
        return None
    nearest = exact.to_integral_value()
    return int(nearest) if abs(exact - nearest) <= ALMOST_WHOLE else None


def identifier(value: object) -> str | None:
    """The id of an order, service or refill as text: a whole number above 0, or a word that can be one; else None.

    A float with an integral value is read as its integer. 0, negatives, booleans, lists, sentences and the words in
    which programs say "nothing" ("null", "Array", "false") are no ids.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value) if value > 0 else None
    if isinstance(value, Decimal):
        exact = _sized(value)
        integral = exact is not None and exact > 0 and exact == exact.to_integral_value()
        return str(int(value)) if integral else None
    if not isinstance(value, str):
        return None
    word = value.strip()
    if integral_text := _INTEGRAL.fullmatch(word):
        word = integral_text[1]
    possible = _IDENTIFIER.fullmatch(word) and word.strip("0") and word.lower() not in _NOT_IDENTIFIERS
    return word if possible else None


def flag(value: object) -> bool:
    """Truth as panels write it: true, 1, "1", "yes", or a sentence that does not deny; absent and null are false."""
    if isinstance(value, str):
        words = re.findall(r"[a-z0-9]+", value.lower())
        return bool(words) and not _DENIALS.intersection(words)
    return isinstance(value, int | Decimal) and value != 0


def line(value: object, limit: int) -> str | None:
    """A text or number as one clean line of at most `limit` characters; None for what is neither, or blank."""
    if isinstance(value, str):
        return clean(value, limit) or None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return clean(str(value), limit)
    return None


def clean(text: str, limit: int) -> str:
    """Text of strangers as one line: no markup, no control or bidi characters, white space collapsed, length capped."""
    text = text[: 4 * limit]
    if not (text.isascii() and text.isprintable() and "<" not in text and "&" not in text):
        text = _bare(text)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def visible(text: str) -> str:
    """Text as one line, markup and all, without control and bidi characters."""
    return " ".join(_INVISIBLE.sub("", text).split())


def _bare(text: str) -> str:
    """What is left once nothing more comes off: a tag may hide in entities, around another tag or behind a control."""
    while True:
        barer = _TAG.sub("", _INVISIBLE.sub("", html.unescape(text)))
        if barer == text:
            return text
        text = barer
