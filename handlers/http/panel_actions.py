"""The actions of the panel API: what each is asked with, the use case it calls, and the document it answers with."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from handlers.http import panel_refusals
from handlers.http.panel_refusals import ORDER, REFILL
from services import panel_canceling, panel_intake, panel_orders, panel_refilling, panel_words, refills
from services.api_keys import KeyView
from services.db import Database
from services.errors import OrderNotFound, ShopError
from services.panel_intake import Fields
from services.policy import Policy

BATCH = 100
"""Ids that one call may ask about."""
SHOWN = 64
"""Characters of an id that is none, said again in its row."""


class Refused(Exception):
    """The call cannot be answered; its text says why."""


@dataclass(frozen=True, slots=True)
class Counter:
    """What the actions work with: `providers` are the clients of services.provider, `currency` is the shop's."""

    db: Database
    providers: Mapping[str, Any]
    policy: Policy
    currency: str
    now: Callable[[], datetime]


Action = Callable[[Counter, KeyView, Fields], Awaitable[object]]


async def services(counter: Counter, key: KeyView, _fields: Fields) -> object:
    """The catalogue at this reseller's rates."""
    async with counter.db.read() as session:
        offers = await panel_orders.services(session, key.user_id)
    return [
        {
            "service": offer.id,
            "name": offer.name,
            "type": offer.type,
            "category": offer.category,
            "rate": str(offer.rate),
            "min": str(offer.min),
            "max": str(offer.max),
            "dripfeed": offer.dripfeed,
            "refill": offer.refill,
            "cancel": offer.cancel,
        }
        for offer in offers
    ]


async def add(counter: Counter, key: KeyView, fields: Fields) -> object:
    """An order: all of it in one transaction, which is run again where the database asks for that."""
    order_id = await counter.db.retrying(
        partial(panel_orders.add, key=key, fields=fields, currency=counter.currency, now=counter.now())
    )
    return {"order": order_id}


async def status(counter: Counter, key: KeyView, fields: Fields) -> object:
    """How one order stands, or many by their ids."""
    many = _many(fields, "orders")
    asked = [fields.get("order", "")] if many is None else many
    async with counter.db.read() as session:
        found = await panel_orders.found(session, key.user_id, _numbers(asked))
    if many is None and not found:
        raise OrderNotFound
    rows: dict[str, Mapping[str, object]] = {}
    for word in asked:
        order = found.get(_number(word))
        rows[_shown(word)] = {"error": ORDER} if order is None else panel_words.row(order, counter.currency)
    return next(iter(rows.values())) if many is None else rows


async def balance(counter: Counter, key: KeyView, _fields: Fields) -> object:
    """What the wallet holds."""
    async with counter.db.read() as session:
        held = await panel_orders.balance(session, key.user_id)
    return {"balance": str(held), "currency": counter.currency}


async def refill(counter: Counter, key: KeyView, fields: Fields) -> object:
    """Ask for the refill of one order, or of many."""
    many = _many(fields, "orders")
    asked = [fields.get("order", "")] if many is None else many
    answers = await counter.db.retrying(
        partial(
            refills.ask_many,
            user_id=key.user_id,
            order_ids=sorted(_numbers(asked)),
            every=counter.policy.refill_every,
            now=counter.now(),
        )
    )
    if many is None:
        answer = answers.get(_number(asked[0]), OrderNotFound())
        if isinstance(answer, ShopError):
            raise answer
        return {"refill": str(answer.refill)}
    rows = []
    for word in asked:
        answer = answers.get(_number(word), OrderNotFound())
        told = {"error": panel_refusals.sentence(answer)} if isinstance(answer, ShopError) else answer.refill
        rows.append({"order": _id(word), "refill": told})
    return rows


async def refill_status(counter: Counter, key: KeyView, fields: Fields) -> object:
    """How one refill stands, or many."""
    many = _many(fields, "refills")
    asked = [fields.get("refill", "")] if many is None else many
    async with counter.db.read() as session:
        found = await panel_refilling.found(session, key.user_id, _numbers(asked))
    if many is None:
        word = found.get(_number(asked[0]))
        if word is None:
            raise Refused(REFILL)
        return {"status": word}
    return [{"refill": _id(word), "status": found.get(_number(word), {"error": REFILL})} for word in asked]


async def cancel(counter: Counter, key: KeyView, fields: Fields) -> object:
    """Ask for many orders to be canceled; a single `order` is a list of one."""
    asked = _many(fields, "orders") or [fields.get("order", "")]
    answers = await panel_canceling.cancel(
        counter.db,
        counter.providers,
        counter.policy,
        user_id=key.user_id,
        order_ids=_numbers(asked),
        clock=counter.now,
    )
    rows = []
    for word in asked:
        code = answers.get(_number(word))
        refusal = ORDER if code is None else panel_refusals.CANCELS.get(code, "")
        rows.append({"order": _id(word), "cancel": {"error": refusal} if refusal else 1})
    return rows


ACTIONS: Mapping[str, Action] = {
    one.__name__: one for one in (services, add, status, balance, refill, refill_status, cancel)
}
"""By their names on the wire."""


def _many(fields: Fields, name: str) -> list[str] | None:
    """The ids of a batch as they were written; None where none was asked for."""
    text = fields.get(name)
    if text is None:
        return None
    asked = [word.strip() for word in text.split(",")]
    if len(asked) > BATCH:
        raise Refused(f"Too many {name}: {BATCH} at most")
    return asked


def _number(word: str) -> int:
    """An id that may be somebody's; 0 is nobody's."""
    return panel_intake.number(word) or 0


def _numbers(words: Iterable[str]) -> set[int]:
    return {_number(word) for word in words} - {0}


def _shown(word: str) -> str:
    """An id as the name of its row: as it was asked for."""
    return word.strip()[:SHOWN]


def _id(word: str) -> int | str:
    """An id in its row: a number where it is one."""
    return _number(word) or _shown(word)
