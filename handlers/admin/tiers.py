"""What resellers have off: /tier lists the tiers, makes one, changes it, tells a service apart, does away with it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers import amounts, screens
from handlers.admin import confirm, gate
from handlers.admin.arguments import Misread, Words
from handlers.admin.confirm import Step
from handlers.admin.gate import Acting
from handlers.i18n import Html, Texts
from handlers.reseller_staff_buttons import LONGEST_TIER
from handlers.screens import Screen, brief, lines
from services import tiering, tiers
from services.approvals import Asked
from services.db import Database, ReadSession, WriteSession
from services.errors import TermsMoved
from services.roles import Role
from services.tiers import TierView

OFF = "off"
LARGE = 50
"""Percent; a discount above is asked for first."""
APART = (10, 5, 3, 1)
"""Services told apart that are named of each tier in a list: the most with which it is still one message."""
NONE = "none"
"""As texts and steps have what there is not."""


def router() -> Router:
    """The one command."""
    router = Router(name="admin-tiers")
    gate.commands(router, {"tier": tier})
    return router


async def tier(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/tier, /tier <name>, /tier <name> <percent or off>, /tier <name> <service> <percent or off>."""
    words, texts = Words(command.args), acting.texts
    name = _name(words.next()) if words else None
    if name is None or not words:
        async with db.read() as session:
            listed = await tiers.listed(session) if name is None else [await tiering.find(session, name)]
        return await screens.reply(message, Screen(overview(texts, listed)))
    acting.require(Role.MANAGER)
    first = words.peek()
    if first.lower() == OFF:
        words.next()
        words.end()
        return await _drop(message, name, db, acting)
    one = Words(first)
    words.next()
    service_id = one.number() if words else None
    percent = _percent(words if words else one)
    words.end()
    async with db.read() as session:
        params = await _params(session, name, service_id, percent)
    subject = f"tier:{name}"
    if percent is not None and percent > LARGE:
        return await confirm.ask(message, TIER, params, acting, db, subject=subject)
    async with db.write() as session:
        if await acting.record(session, TIER.code, subject, **params):
            await _set(session, params, acting)
        screen = await _done(session, params, acting)
    return await screens.reply(message, screen)


async def _drop(message: Message, name: str, db: Database, acting: Acting) -> None:
    async with db.write() as session:
        if await acting.record(session, "tier-off", f"tier:{name}", tier=name):
            await tiering.drop(session, name)
    await screens.reply(message, Screen(acting.texts("tier-off-done", tier=name)))


def _name(word: str) -> str:
    """What a tier may be called: it stands on buttons and in commands."""
    name = word.lower()
    fits = name.isascii() and name.replace("-", "").isalnum() and name[0].isalpha() and name not in (OFF, NONE)
    if not fits or len(name) > LONGEST_TIER:
        raise Misread("misread-tier", text=brief(word), most=str(LONGEST_TIER))
    return name


def _percent(words: Words) -> Decimal | None:
    """A discount; None for off."""
    if words.peek().lower() == OFF:
        words.next()
        return None
    percent = words.percent()
    if percent > 100:
        raise Misread("misread-discount")
    return percent


async def _params(read: ReadSession, name: str, service_id: int | None, percent: Decimal | None) -> dict[str, Any]:
    """The step: percents as text, for steps are kept as words, numbers and amounts. NoSuchTier, NotInCatalogue."""
    known = {each.name: each for each in await tiers.listed(read)}
    standing = known.get(name) if service_id is None else await tiering.find(read, name)
    old = None
    if standing is not None:
        old = standing.discount if service_id is None else standing.on_service.get(service_id)
    counted = standing.discount if percent is None and standing is not None else percent or Decimal(0)
    margin = await tiering.margin(read, counted, service_id=service_id)
    return {
        "tier": name,
        "service": NONE if service_id is None else str(service_id),
        "old": NONE if old is None else amounts.percent(old),
        "new": NONE if percent is None else amounts.percent(percent),
        "services": margin.services,
        "clamped": margin.clamped,
    }


async def _set(write: WriteSession, params: dict[str, Any], acting: Acting) -> None:
    """TermsMoved where the discount is not what it was when this was asked for."""
    percent = None if params["new"] == NONE else Decimal(params["new"])
    actor, now = acting.actor, acting.now
    if params["service"] == NONE:
        old = await tiering.put(write, params["tier"], percent or Decimal(0), actor=actor, now=now)
    else:
        old = await tiering.put_apart(write, params["tier"], int(params["service"]), percent, actor=actor, now=now)
    if (NONE if old is None else amounts.percent(old)) != params["old"]:
        raise TermsMoved


async def _done(read: ReadSession, params: dict[str, Any], acting: Acting) -> Screen:
    texts = acting.texts
    standing = await tiering.find(read, params["tier"])
    return Screen(lines(texts("tier-done", **params), margin(texts, params), "", _line(texts, standing, APART[0])))


async def _take(write: WriteSession, asked: Asked, acting: Acting) -> Screen:
    await _set(write, dict(asked.params), acting)
    return await _done(write, dict(asked.params), acting)


TIER = Step("tier", Role.MANAGER, _take)


def margin(texts: Texts, params: dict[str, Any]) -> Html:
    """How many services the discount would push below their cost."""
    return texts("tier-margin", clamped=params["clamped"], services=params["services"])


def overview(texts: Texts, listed: Sequence[TierView]) -> str:
    """Tiers, below one another, and how to change them: one message, however much they tell apart."""
    told = ""
    for named in APART:
        rows = [_line(texts, each, named) for each in listed] or [texts("tiers-none")]
        told = lines(texts("tiers-title"), *rows, "", texts("usage-tier"))
        if screens.length(told) <= screens.LONGEST:
            break
    return told


def _line(texts: Texts, each: TierView, most: int) -> str:
    """A tier; of the services that it tells apart at most so many are named."""
    apart = sorted(each.on_service.items())
    named = ", ".join(f"#{number} {amounts.percent(percent)} %" for number, percent in apart[:most])
    more = len(apart) - most
    return lines(
        texts("tier-line", tier=each.name, percent=amounts.percent(each.discount), resellers=each.resellers),
        texts("tier-apart", services=named, more=max(0, more)) if apart else None,
    )
