"""Everything a panel may answer, read tolerantly into the shop's own types; pure, no network.

The rules that keep money safe, and why:

* An `error` is looked for before anything else, even beside a `status`: its row says nothing about the order.
* An answer to `add` is an id, a refusal, or unclear. Only an object whose single key is a text `error` refuses; an id
  beside an error, or an id that is null, 0, negative or a list, leaves open whether the panel took the order.
* `remains` that cannot be read is None, never 0: settlement keeps such an order open.
* "Success", "Fail" and "Error" alone are how programs wrap an answer, not how an order ended: they count as a status
  only beside the figures of an order (charge, start count, remains), and where there is a `message` as well ("Order not
  found") only if one of these is a number. A row of nulls without a message is still that of an order that failed.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from services.panel_values import Object, Unreadable, clean, count, flag, identifier, line, number

State = Literal["running", "partial", "completed", "canceled", "expired"]

NAME, CATEGORY, TYPE, DESCRIPTION, PACE = 160, 80, 60, 600, 60
"""Characters that the texts of a catalogue may have."""
WORD, SENTENCE = 60, 300
"""Characters that a status word and an error text may have."""


@dataclass(frozen=True, slots=True)
class OfferedService:
    """One row of a panel's catalogue. `rate` is per 1000 in the panel's currency; unreadable limits are 0."""

    external_id: str
    name: str
    type: str
    category: str
    rate: Decimal
    min: int
    max: int
    refill: bool
    cancel: bool
    dripfeed: bool
    description: str | None = None
    pace: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a panel says of an order. `remains` as sent: it may be negative or above the quantity; None is unreadable.

    `word` is the panel's own word for showing (digits are put into words), `known` whether this shop has met it.
    `charge` is text in the panel's currency and never the base of a refund. `posts` is how many orders a subscription
    has placed, one for each post; None where the row does not list them, or not readably.
    """

    word: str
    state: State
    known: bool
    remains: int | None
    start_count: int | None
    charge: str | None
    posts: int | None = None


@dataclass(frozen=True, slots=True)
class RowError:
    """An answer about one id that says nothing about its order."""

    text: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The panel took a request; `id` is what it calls it."""

    id: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The panel said no. `reason` is one of REASONS or "other"."""

    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class PanelBalance:
    """The shop's money at a panel, in the panel's currency (its letters, or "" where it names none)."""

    amount: Decimal
    currency: str


REASONS: Mapping[str, re.Pattern[str]] = {
    "not_enough_funds": re.compile(
        r"\bfunds?\b|\binsufficient\b|\b(no|low|enough) balance\b|\bbalance\b.*\b(low|enough)\b"
    ),
    "bad_key": re.compile(r"\bapi ?key\b|\b(invalid|incorrect|wrong|bad|missing) (api|key)\b|\bunauthori[sz]ed\b"),
    "duplicate_link": re.compile(r"\bduplicate\b|\bactive order\b"),
    "min_quantity": re.compile(r"\bmin(imum|imal)?\b|\bless than\b"),
    "max_quantity": re.compile(r"\bmax(imum|imal)?\b|\b(more|greater) than\b"),
    "bad_service": re.compile(
        r"\b(incorrect|invalid|wrong|bad|unknown|inactive|error) service\b|\bservice (id|not|is)\b"
    ),
    "bad_link": re.compile(r"\blinks?\b|\burl\b|\busername\b"),
}
"""Reason codes with what gives them away in an error text (lower case, punctuation as spaces); the first match wins."""


def reason(text: str) -> str:
    """The code of a refusal's text, "other" where nothing gives it away."""
    words = " ".join(re.findall(r"[a-z0-9]+", text.lower()))
    return next((code for code, pattern in REASONS.items() if pattern.search(words)), "other")


def complaint(document: object) -> str | None:
    """The text of an object's `error`, whatever shape it has; None where it has none, or an empty one."""
    error = document.get("error") if isinstance(document, dict) else None
    if not error:
        return None
    if isinstance(error, dict):
        error = error.get("message") or error.get("error") or list(error.values())
    if isinstance(error, list):
        error = "; ".join(said for item in error if (said := line(item, SENTENCE)))
    if error is True and isinstance(document, dict):
        error = document.get("message")
    return line(error, SENTENCE) or "error"


def refusal(document: object) -> Refusal | None:
    """The complaint of a whole answer with its reason code."""
    said = complaint(document)
    return None if said is None else Refusal(reason(said), said)


def added(document: object) -> Accepted | Refusal | None:
    """What an answer to `add` says; None where it leaves open whether the panel has the order."""
    if not isinstance(document, dict):
        return None
    if set(document) == {"error"}:
        error = document["error"]
        said = clean(error, SENTENCE) if isinstance(error, str) else ""
        return Refusal(reason(said), said) if said else None
    order = identifier(document.get("order"))
    return Accepted(order) if order is not None and complaint(document) is None else None


_STATES: Mapping[State, str] = {
    "running": "pending processing inprogress awaiting paused refill refilling creating active 0 1",
    "partial": "partial partiallycompleted partiallycomplete partialcompleted partialcomplete 3",
    "completed": "completed complete success 2",
    "canceled": "canceled cancelled cancel refunded refund fail failed error 4 5",
    "expired": "expired",
}
_STATE_OF = {word: state for state, words in _STATES.items() for word in words.split()}
_DIGITS = {"0": "Pending", "1": "Processing", "2": "Completed", "3": "Partial", "4": "Canceled", "5": "Refunded"}
_WRAPPINGS = frozenset({"success", "fail", "failed", "error"})
_FIGURES = frozenset({"remains", "charge", "start_count"})


def status(row: object) -> Snapshot | RowError:
    """One status row. Anything that is not plainly one is a RowError."""
    if not isinstance(row, dict):
        return RowError(line(row, SENTENCE) or "not a status")
    error = complaint(row)
    if error is not None:
        return RowError(error)
    raw = row.get("status")
    word, key = _word(raw) if isinstance(raw, str) else _digit(count(raw))
    if not key or (key in _WRAPPINGS and not _of_an_order(row)):
        return RowError(line(row.get("message"), SENTENCE) or word or "no status")
    start_count = count(row.get("start_count"))
    charge = number(row.get("charge"))
    posts = _posts(row["orders"]) if "orders" in row else None
    state = _STATE_OF.get(key, "running")
    return Snapshot(
        word=word,
        state=state,
        known=key in _STATE_OF and (state != "expired" or posts is not None),
        remains=count(row.get("remains")),
        start_count=None if start_count is None or start_count < 0 else start_count,
        charge=None if charge is None else f"{charge:f}",
        posts=posts,
    )


def _of_an_order(row: Object) -> bool:
    """Whether a row whose status may be a mere wrapping has the figures of an order."""
    figures = _FIGURES.intersection(row)
    return bool(figures) and (not row.get("message") or any(number(row[name]) is not None for name in figures))


def _posts(orders: object) -> int | None:
    """How many different orders a subscription lists: a list, an object by any key, or text with commas.

    An entry is an id or an object that names one. One that is neither leaves the whole list unreadable, for it may
    stand for a post that is done. A word without a digit is no id: it is how some post's order stands, or "Empty".
    """
    if isinstance(orders, dict):
        orders = list(orders.values())
    elif isinstance(orders, str):
        orders = [order for order in orders.split(",") if order.strip()]
    if not isinstance(orders, list):
        return None
    ids = {identifier(order.get("order") if isinstance(order, dict) else order) for order in orders}
    return len(ids) if all(one is not None and any(map(str.isdigit, one)) for one in ids) else None


@lru_cache(maxsize=256)
def _word(text: str) -> tuple[str, str]:
    """(the word for showing, the word to look up: lower case, without spaces, hyphens, dots and underscores)."""
    digit = count(text)
    word = clean(text, WORD)
    return (word, re.sub(r"[\s._-]+", "", word.casefold())) if digit is None else _digit(digit)


def _digit(digit: int | None) -> tuple[str, str]:
    key = "" if digit is None else str(digit)
    return _DIGITS.get(key, key), key


def single_status(document: object, order: str) -> Snapshot | RowError | Refusal | None:
    """The answer to a question about one order; None where it says nothing at all, a Refusal where our key is bad."""
    refused = refusal(document)
    if refused is not None and refused.reason == "bad_key":
        return refused
    if isinstance(document, dict) and isinstance(document.get(order), dict | str):
        document = document[order]  # some panels answer one id as they answer many
    return status(document) if document else None


def statuses(document: object, asked: Collection[str]) -> dict[str, Snapshot | RowError] | Refusal | None:
    """The answer to a question about many orders: a row for each id it says something about.

    None where the answer shows that `orders` was overlooked: a bare status row, or an error about an order, instead
    of a map by id. A Refusal where the answer is an error about anything else. Unreadable for other shapes.
    """
    answers = {order: status(row) for order, row in _rows(document).items() if order in asked}
    if answers or document in ({}, []):
        return answers
    refused = refusal(document)
    if refused is not None:
        return None if refused.reason != "bad_key" and "order" in refused.text.lower() else refused
    if isinstance(document, dict) and "status" in document and _FIGURES.intersection(document):
        return None
    raise Unreadable("no status by order id")


def canceled(document: object, asked: Collection[str]) -> dict[str, Accepted | RowError] | Refusal:
    """The answer to a request to cancel orders, by order id; what it says nothing about is absent.

    Accepted means that the panel took the request: the cancel is asked for then, not done.
    """
    refused = refusal(document)
    if refused is not None:
        return refused
    rows = _rows(document)
    if len(asked) == 1 and "cancel" in rows:
        rows = {next(iter(asked)): document}
    return {order: _request(row) for order, row in rows.items() if order in asked}


def _request(row: object) -> Accepted | RowError:
    if isinstance(row, dict) and complaint(row) is None:
        row = row.get("cancel")
    error = complaint(row)
    if error is None and row is True:
        return Accepted("1")
    accepted = identifier(row)
    if accepted is not None:
        return Accepted(accepted)
    return RowError(error or (clean(row, SENTENCE) if isinstance(row, str) else "") or "not accepted")


def _rows(document: object) -> dict[str, object]:
    """The rows of an answer about many orders, whether it is a map by id or a list of objects that name theirs."""
    if isinstance(document, dict):
        return {key.strip(): row for key, row in document.items()}
    listed = document if isinstance(document, list) else []
    rows = ((identifier(row.get("order")), row) for row in listed if isinstance(row, dict))
    return {key: row for key, row in rows if key is not None}


def balance(document: object) -> PanelBalance | Refusal:
    """The answer to `balance`; Unreadable where there is no amount."""
    answer = document if isinstance(document, dict) else {}
    amount = number(answer.get("balance"))
    refused = refusal(answer)
    if refused is None and amount is None:
        raise Unreadable("no balance")
    return refused or PanelBalance(amount or Decimal(0), line(answer.get("currency"), 12) or "")


def services(document: object) -> list[OfferedService] | Refusal:
    """The catalogue: each id once (its first row), without the rows that have no id, name or rate.

    An object in place of the list is searched for the list (`data`, `services`, or a row by each key); an empty
    catalogue may be `{"data": "Empty Data"}`. Unreadable for anything else.
    """
    refused = refusal(document)
    if refused is not None:
        return refused
    found: dict[str, OfferedService] = {}
    for row in _catalogue(document):
        service = _service(row) if isinstance(row, dict) else None
        if service is not None:
            found.setdefault(service.external_id, service)
    return list(found.values())


def _catalogue(document: object) -> Collection[object]:
    if isinstance(document, dict):
        wrapped = document.get("data", document.get("services"))
        if isinstance(wrapped, list | dict):
            document = wrapped
        elif isinstance(wrapped, str) or (wrapped is None and "data" in document):
            return []
    if isinstance(document, list):
        return document
    if isinstance(document, dict) and all(isinstance(row, dict) for row in document.values()):
        return document.values()
    raise Unreadable("no catalogue")


def _service(row: Object) -> OfferedService | None:
    external_id, name = identifier(row.get("service")), line(row.get("name"), NAME)
    rate = number(row.get("rate"))
    if external_id is None or name is None or rate is None or rate < 0:
        return None
    return OfferedService(
        external_id=external_id,
        name=name,
        type=line(row.get("type"), TYPE) or "Default",
        category=line(row.get("category"), CATEGORY) or "Other",
        rate=rate,
        min=_limit(row.get("min")),
        max=_limit(row.get("max")),
        refill=flag(row.get("refill")),
        cancel=flag(row.get("cancel")),
        dripfeed=flag(row.get("dripfeed")),
        description=_first(row, ("description", "desc", "details"), DESCRIPTION),
        pace=_first(row, ("average_time", "averageTime", "avg_time", "time"), PACE),
    )


def _limit(value: object) -> int:
    limit = count(value)
    return 0 if limit is None or limit < 0 else limit


def _first(row: Object, names: tuple[str, ...], limit: int) -> str | None:
    """The first of these that holds words: a bare number has no unit and would only mislead."""
    texts = (clean(value, limit) for name in names if isinstance(value := row.get(name), str) and number(value) is None)
    return next((text for text in texts if text), None)
