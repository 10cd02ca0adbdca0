"""Sales on and off: /sales shows how they stand and why, and lets them go on or stops them, with a reason."""

from collections.abc import Mapping, Sequence

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers import screens
from handlers.admin import gate
from handlers.admin.arguments import Misread, Words
from handlers.admin.gate import Acting
from handlers.i18n import Texts
from handlers.screens import Screen, lines
from services import alarm, staff, switches, users
from services.alarm import Verdict
from services.db import Database
from services.switches import SALES, Turn

SHOWN = 5
"""Turns that /sales looks back on."""


def router() -> Router:
    """The one command."""
    router = Router(name="admin-sales")
    gate.commands(router, {"sales": sales})
    return router


async def sales(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/sales shows; /sales on <reason> and /sales off <reason> turn, once for each message."""
    words, texts = Words(command.args), acting.texts
    if not words:
        return await screens.reply(message, await _standing(db, texts))
    word = words.choice(("on", "off"))
    on = word == "on"
    if not words:
        raise Misread("sales-no-reason", word=word)
    reason, turn = words.rest(), None
    async with db.write() as session:
        already = _is_on(await switches.history(session, SALES, limit=1)) is on
        if not already:
            policy = await staff.informed(session, acting.settings.policy)
            turn = await alarm.turn_sales(
                session,
                on=on,
                reason=reason,
                admin=acting.admin.id,
                name=acting.admin.name,
                admins=policy.admins,
                key=acting.key,
                now=acting.now,
            )
        if turn is not None:
            await acting.record(session, f"sales-{word}", reason=reason)
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
            texts("usage-sales"),
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
        return texts("sales-turn-audit", state=state, by=turn.actor, at=turn.at, reason=turn.reason)
    name = named.get(turn.admin, "")
    return texts("sales-turn", state=state, at=turn.at, name=name, id=str(turn.admin), reason=turn.reason)
