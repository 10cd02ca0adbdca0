"""Sales on and off: /sales shows how they stand and why, and lets them go on or stops them, with a reason."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from handlers import screens
from handlers.i18n import Texts
from handlers.screens import Screen, lines
from handlers.settings import ShopSettings
from services import alarm, switches, users
from services.alarm import Verdict
from services.db import Database
from services.switches import SALES, Turn
from services.users import Person

LONGEST_REASON = 200
SHOWN = 5
"""Turns that /sales looks back on."""


def router() -> Router:
    """The one command."""
    router = Router(name="admin-sales")
    router.message.register(sales, Command("sales"))
    return router


async def sales(
    message: Message,
    command: CommandObject,
    db: Database,
    settings: ShopSettings,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """/sales shows; /sales on <reason> and /sales off <reason> turn, once for each message."""
    word, _, reason = (command.args or "").strip().partition(" ")
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not word:
        return await screens.reply(message, await _standing(db, texts))
    if word.lower() not in ("on", "off"):
        return await screens.reply(message, Screen(texts("sales-usage")))
    on = word.lower() == "on"
    if not reason:
        return await screens.reply(message, Screen(texts("sales-no-reason", word=word.lower())))
    turn = None
    async with db.write() as session:
        already = _is_on(await switches.history(session, SALES, limit=1)) is on
        if not already:
            turn = await alarm.turn_sales(
                session,
                on=on,
                reason=reason,
                admin=user.id,
                name=user.name,
                admins=settings.admin_ids,
                key=f"sales:{message.chat.id}:{message.message_id}",
                now=now(),
            )
        verdict = await alarm.last(session)
    if already:
        return await screens.reply(message, Screen(texts("sales-on-already" if on else "sales-off-already")))
    if turn is None:  # this message turned them before, and they were turned since
        return await screens.reply(message, await _standing(db, texts))
    return await screens.reply(message, Screen(_turned(texts, on, verdict)))


def _is_on(turns: Sequence[Turn]) -> bool:
    return not turns or turns[0].is_on


def _turned(texts: Texts, on: bool, verdict: Verdict | None) -> str:
    """What has changed; who lets sales go on over a breach is told that it will not stop them again."""
    if not on:
        return texts("sales-turned-off")
    broken = verdict is not None and bool(verdict.breaches)
    return lines(texts("sales-turned-on"), texts("sales-still-broken") if broken else None)


async def _standing(db: Database, texts: Texts) -> Screen:
    """How sales stand, what the last audit found, and who turned them before."""
    async with db.read() as session:
        turns = await switches.history(session, SALES, limit=SHOWN)
        verdict = await alarm.last(session)
        named = await users.names(session, [turn.admin for turn in turns if turn.admin is not None])
    audited = [texts("sales-never-audited")] if verdict is None else _verdict(texts, verdict)
    return Screen(
        lines(
            texts("sales-are-on") if _is_on(turns) else texts("sales-are-off"),
            "",
            *audited,
            *([""] if turns else []),
            *(_turn(texts, turn, named) for turn in turns),
            "",
            texts("sales-usage"),
        )
    )


def _verdict(texts: Texts, verdict: Verdict) -> list[str]:
    if not verdict.breaches:
        return [texts("sales-audited", at=verdict.at)]
    return [
        texts("sales-audited-broken", at=verdict.at),
        *(texts("sales-broken", invariant=str(breach.invariant)) for breach in verdict.breaches),
    ]


def _turn(texts: Texts, turn: Turn, named: Mapping[int, str]) -> str:
    state = "on" if turn.is_on else "off"
    if turn.admin is None:
        return texts("sales-turn-audit", state=state, at=turn.at, reason=turn.reason)
    name = named.get(turn.admin, "")
    return texts("sales-turn", state=state, at=turn.at, name=name, id=str(turn.admin), reason=turn.reason)
