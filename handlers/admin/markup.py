"""What is added to the providers' prices: /markup shows it, and sets another for a provider or for one service."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers import amounts, screens
from handlers.admin import coming, confirm, gate, wares
from handlers.admin.arguments import Misread, Words
from handlers.admin.confirm import Step
from handlers.admin.gate import Acting
from handlers.i18n import Html, Texts
from handlers.screens import Screen, lines
from services import coming_prices, inventory, markups, overrides
from services.approvals import Asked
from services.coming_prices import Coming
from services.db import Database, ReadSession, WriteSession
from services.errors import ApprovalGone, TermsMoved
from services.markups import Effect, InForce
from services.roles import Role

AUTO = "auto"
"""What is typed to have the one above count again: the settings' for a provider, the provider's for a service."""


def router() -> Router:
    """The one command."""
    router = Router(name="admin-markup")
    gate.commands(router, {"markup": markup})
    return router


async def markup(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/markup, /markup <provider or service>, /markup <provider or service> <percent or auto>: asked for first."""
    words, texts, settings = Words(command.args), acting.texts, acting.settings.markups
    if not words:
        async with db.read() as session:
            standing = await markups.in_force(session, settings)
        return await screens.reply(message, Screen(_standing(texts, standing)))
    provider = words.next() if words.peek() in settings else None
    service_id = None if provider is not None else _number(words, settings)
    if not words:
        return await screens.reply(message, await _one(db, acting, provider, service_id))
    acting.require(Role.MANAGER)
    percent = None if words.peek().lower() == AUTO else words.percent()
    if percent is None:
        words.next()
    words.end()
    async with db.read() as session:
        if provider is not None:
            params = _of_provider(provider, percent, await markups.preview(session, provider, percent, settings))
        else:
            params = await _of_service(session, acting, service_id or 0, percent)
    if provider is not None:
        return await confirm.ask(message, MARKUP, params, acting, db, subject=f"provider:{provider}")
    return await confirm.ask(message, SERVICE_MARKUP, params, acting, db, subject=f"service:{service_id}")


def _number(words: Words, settings: Mapping[str, Decimal]) -> int:
    """A service's number; whatever else it is, it is no provider's name."""
    word = words.peek()
    if not word.removeprefix("#").isdigit():
        raise Misread("misread-provider", text=screens.brief(word), among=", ".join(sorted(settings)) or "–")
    return words.number()


async def _one(db: Database, acting: Acting, provider: str | None, service_id: int | None) -> Screen:
    async with db.read() as session:
        if service_id is not None:
            return await wares.ware(session, acting, service_id)
        standing = await markups.in_force(session, acting.settings.markups)
    return Screen(_standing(acting.texts, [each for each in standing if each.provider == provider]))


def _of_provider(provider: str, percent: Decimal | None, effect: Effect) -> dict[str, Any]:
    """What the step is asked with; percents as text, for steps are kept as words, numbers and amounts."""
    least, most = (f"{change:+f} %" for change in (effect.least, effect.most))
    return {
        "provider": provider,
        "auto": "yes" if percent is None else "no",
        "old": amounts.percent(effect.old),
        "new": amounts.percent(effect.new),
        "changed": effect.changed,
        "apart": effect.apart,
        "by": least if least == most else f"{least} … {most}",
    }


async def _of_service(read: ReadSession, acting: Acting, number: int, percent: Decimal | None) -> dict[str, Any]:
    ware = await inventory.ware(read, number)
    fresh = await overrides.foresee(read, number, percent=percent, markups=acting.settings.markups)
    old, notice = ware.line.rate, acting.settings.policy.price_notice
    pause = coming_prices.delay(old, fresh, on_sale=ware.line.on_sale, notice=notice)
    return {
        "id": str(number),
        "auto": "yes" if percent is None else "no",
        "percent": amounts.percent(percent or Decimal(0)),
        "old": old,
        "new": fresh,
        "hours": pause // timedelta(hours=1),
    }


async def _take(write: WriteSession, asked: Asked, acting: Acting) -> Screen:
    """Set it as it was asked for. TermsMoved where the markup, or what it changes, is not what the question said."""
    params, settings = asked.params, acting.settings.markups
    if params["provider"] not in settings:
        raise ApprovalGone
    percent = None if params["auto"] == "yes" else Decimal(params["new"])
    effect = await markups.put(write, params["provider"], percent, settings, by=acting.actor, now=acting.now)
    if (amounts.percent(effect.old), effect.changed) != (params["old"], params["changed"]):
        raise TermsMoved
    told = {"provider": params["provider"], "new": amounts.percent(effect.new), "changed": effect.changed}
    return Screen(lines(acting.texts("markup-done", **told), *_beyond(acting.texts, effect)))


async def _take_service(write: WriteSession, asked: Asked, acting: Acting) -> Screen:
    params, number = asked.params, int(asked.params["id"])
    percent = None if params["auto"] == "yes" else Decimal(params["percent"])
    settings = acting.settings
    change = await coming_prices.put(
        write,
        number,
        percent=percent,
        markups=settings.markups,
        notice=settings.policy.price_notice,
        by=acting.actor,
        now=acting.now,
    )
    pause = change.effective_at - acting.now if isinstance(change, Coming) else timedelta(0)
    if (change.old, change.new, pause) != (params["old"], params["new"], timedelta(hours=params["hours"])):
        raise TermsMoved
    return await wares.ware(write, acting, number, head=coming.said(acting.texts, change))


MARKUP = Step("markup", Role.MANAGER, _take)
SERVICE_MARKUP = Step("service-markup", Role.MANAGER, _take_service)


def _beyond(texts: Texts, effect: Effect) -> list[Html]:
    return [texts("markup-beyond", count=effect.beyond)] if effect.beyond else []


def _standing(texts: Texts, standing: list[InForce]) -> str:
    return lines(texts("markup-title"), *(_line(texts, each) for each in standing), "", texts("usage-markup"))


def _line(texts: Texts, each: InForce) -> Html:
    return texts(
        "markup-line",
        provider=each.provider,
        percent=amounts.percent(each.percent),
        settings=amounts.percent(each.settings),
        by="settings" if each.set_at is None else "chat",
        at=each.set_at or "",
        apart=each.apart,
    )
