"""What a panel may answer to `refill` and `refill_status`, read tolerantly into our own types; pure, no network."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from services import panel_answers
from services.panel_answers import WORD, Accepted, Refusal, RowError, complaint
from services.panel_values import Unreadable, clean, identifier

State = Literal["running", "done", "rejected"]
LONGEST_WAIT = timedelta(days=30)
"""A longer time until the next refill is a misunderstanding."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How a refill stands, and the panel's own word for it."""

    word: str
    state: State


REASONS: Mapping[str, re.Pattern[str]] = {
    "bad_key": panel_answers.REASONS["bad_key"],
    "too_early": re.compile(
        r"\bavailable (in|after|at)\b|\bnot yet\b|\btoo (early|soon|many|often)\b|\bwait\b|\btry again\b|\bcool ?down\b"
        r"|\b24 ?(hours?|hrs?|h)\b|\bonce (a|an|every|per|in)\b|\brecently\b"
        r"|\b(rate|request|requests|api|daily|hourly)\b.*\blimit|\b(days?|hours?) after\b"
    ),
    "running": re.compile(
        r"\balready\b|\bin progress\b|\b(pending|active|open) refill\b|\brefill (is )?(pending|active)"
    ),
    "over": re.compile(
        r"\bexpired?\b|\b(period|time|guarantee|warranty|days?)\b.*\b(over|ended|passed|up|finished)\b|\btoo old\b"
        r"|\b(limit|maximum)\b.*\b(reached|exceeded)\b"
    ),
    "no_drop": re.compile(
        r"\b(no|not|hasn t|isn t|didn t|without)\b( \w+){0,2} drop(s|ped)?\b|\b(no|nothing) to refill\b"
    ),
    "not_eligible": re.compile(
        r"\bnot (eligible|available|allowed|supported|enabled|possible|refillable)\b|\b(disabled|ineligible)\b"
        r"|\b(no|non) refill\b|\b(doesn t|does not) (support|have)\b"
    ),
}
"""Reason codes with what gives them away in an error text (lower case, punctuation as spaces); the first match wins."""

_STATES: Mapping[State, str] = {
    "running": "pending processing inprogress awaiting creating queued new accepted approved refilling active 0 1",
    "done": "completed complete success successful done refilled finished 2",
    "rejected": "rejected reject declined denied refused canceled cancelled cancel failed fail error notdropped nodrop",
}
_STATE_OF = {word: state for state, words in _STATES.items() for word in words.split()}
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}
_SPAN = re.compile(r"(\d{1,5}) ?(d|days?|h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?)(?![^\W_])", re.IGNORECASE)


def asked(document: object) -> Accepted | Refusal | None:
    """What an answer to `refill` says; None where it leaves open whether the panel took the request.

    `Accepted.id` is the refill's. A refusal may stand where the id should.
    """
    if not isinstance(document, dict):
        return None
    value = document.get("refill")
    refill = identifier(value)
    said = complaint(document) or complaint(value)
    if refill is not None:
        return Accepted(refill) if said is None else None
    return None if said is None else Refusal(reason(said), said)


def reason(text: str) -> str:
    """The code of a refusal's text, "other" where nothing gives it away."""
    words = " ".join(re.findall(r"[a-z0-9]+", text.lower()))
    return next((code for code, pattern in REASONS.items() if pattern.search(words)), "other")


def wait(text: str) -> timedelta | None:
    """How long it is until a refill may be asked for, where the text says so: in 9 hours 3 minutes."""
    spans = [int(number) * _UNITS[unit[0].lower()] for number, unit in _SPAN.findall(text)]
    whole = sum(spans, timedelta(0))
    return whole if timedelta(0) < whole <= LONGEST_WAIT else None


def single(document: object) -> Progress | RowError | Refusal:
    """The answer to a question about one refill; a Refusal where our key is bad. Unreadable where it says nothing."""
    said = complaint(document)
    if said is not None and reason(said) == "bad_key":
        return Refusal("bad_key", said)
    if isinstance(document, list) and len(document) == 1:
        document = document[0]  # some panels answer one id as they answer many
    told = _progress(document)
    if told is None:
        raise Unreadable("no status of a refill")
    return told


def many(document: object, asked: Collection[str]) -> dict[str, Progress | RowError] | Refusal | None:
    """The answer to a question about many refills, by id.

    None where it shows that `refills` was overlooked: the status or the error of one instead of rows. A Refusal where
    the answer is an error about anything else. Unreadable for other shapes.
    """
    if isinstance(document, list):
        rows = [(identifier(row.get("refill")), _progress(row)) for row in document if isinstance(row, dict)]
        return {refill: told for refill, told in rows if refill is not None and refill in asked and told is not None}
    if not isinstance(document, dict):
        raise Unreadable("no status by refill id")
    said = complaint(document)
    if said is not None:
        code = reason(said)
        return None if "refill" in said.lower() and code not in ("bad_key", "too_early") else Refusal(code, said)
    found = {refill: told for refill in asked if (told := _progress(document.get(refill))) is not None}
    if not found and "status" not in document:
        raise Unreadable("no status by refill id")
    return found or None


def _progress(row: object) -> Progress | RowError | None:
    """One row: an object with a status, or the word alone; None where it says nothing."""
    said = complaint(row)
    value = row.get("status") if isinstance(row, dict) else row
    said = said or complaint(value)
    if said is not None:
        return RowError(said)
    word = clean(value, WORD) if isinstance(value, str) else identifier(value) or ""
    if not word:
        return None
    return Progress(word, _STATE_OF.get(re.sub(r"[\W_]+", "", word.casefold()), "running"))
