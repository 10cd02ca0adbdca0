"""What is added to the providers' prices: /markup shows it, and sets another for a provider or for one service."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from handlers import amounts, keyboards, screens
from handlers.admin import coming, confirm, gate, wares
from handlers.admin.arguments import Misread, Words
from handlers.admin.confirm import Step
from handlers.admin.gate import Acting
from handlers.i18n import Html, Texts
from handlers.keyboards import Row
from handlers.screens import Screen, lines
from handlers.stock_callbacks import MarkupNow, MarkupOff, fits
from services import actions, coming_markups, coming_prices, inventory, markups, overrides
from services.approvals import Asked
from services.coming_prices import Coming
from services.db import Database, ReadSession, WriteSession
from services.errors import ApprovalGone, TermsMoved
from services.markups import Effect, InForce
from services.roles import Role

AUTO = "auto"
"""What is typed to have the one above count again: the settings' for a provider, the provider's for a service."""


def router() -> Router:
    """The command, and the taps under it. To raise prices without notice is for owners: resellers were promised one."""
    router = Router(name="admin-markup")
    gate.commands(router, {"markup": markup})
    gate.button(router, MarkupOff, call_off, Role.MANAGER)
    gate.button(router, MarkupNow, hasten, Role.OWNER)
    return router


async def markup(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/markup, /markup <provider or service>, /markup <provider or service> <percent or auto>: asked for first."""
    words, settings = Words(command.args), acting.settings.markups
    if not words:
        async with db.read() as session:
            standing = await markups.in_force(session, settings)
        return await screens.reply(message, _standing(acting, standing))
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
            params = _of_provider(
                acting, provider, percent, await markups.preview(session, provider, percent, settings)
            )
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
        return await _of_one(session, acting, provider or "")


async def call_off(query: CallbackQuery, callback_data: MarkupOff, db: Database, acting: Acting) -> None:
    """Leave the markup as it is, once for each tap."""
    name, settings, head = callback_data.name, acting.settings.markups, None
    async with db.write() as session:
        if not await actions.taken(session, acting.key):
            left = await coming_markups.call_off(session, name, settings, mark=callback_data.mark, now=acting.now)
            told = {"provider": name, "old": amounts.percent(left.old), "new": amounts.percent(left.new)}
            moment = coming_prices.minute(left.effective_at)
            await acting.record(session, "markup-off", f"provider:{name}", **told, at=moment)
            head = acting.texts("markup-off", **told)
        screen = await _of_one(session, acting, name, head=head)
    await screens.toast(query)
    await screens.show(query, screen)


async def hasten(query: CallbackQuery, callback_data: MarkupNow, db: Database, acting: Acting) -> None:
    """Put it in force without waiting, once for each tap."""
    name, settings, head = callback_data.name, acting.settings.markups, None
    async with db.write() as session:
        if not await actions.taken(session, acting.key):
            effect = await coming_markups.hasten(session, name, settings, mark=callback_data.mark, now=acting.now)
            told = {"provider": name, "old": amounts.percent(effect.old), "new": amounts.percent(effect.new)}
            await acting.record(session, "markup-now", f"provider:{name}", **told, changed=effect.changed)
            head = _said(acting.texts, name, effect)
        screen = await _of_one(session, acting, name, head=head)
    await screens.toast(query)
    await screens.show(query, screen)


async def _of_one(read: ReadSession, acting: Acting, provider: str, *, head: str | None = None) -> Screen:
    standing = await markups.in_force(read, acting.settings.markups)
    return _standing(acting, [each for each in standing if each.provider == provider], head=head)


def _of_provider(acting: Acting, provider: str, percent: Decimal | None, effect: Effect) -> dict[str, Any]:
    """What the step is asked with; percents as text, for steps are kept as words, numbers and amounts."""
    least, most = (f"{change:+f} %" for change in (effect.least, effect.most))
    pause = coming_markups.delay(effect, notice=acting.settings.policy.price_notice)
    return {
        "provider": provider,
        "auto": "yes" if percent is None else "no",
        "old": amounts.percent(effect.old),
        "new": amounts.percent(effect.new),
        "changed": effect.changed,
        "apart": effect.apart,
        "by": least if least == most else f"{least} … {most}",
        "hours": pause // timedelta(hours=1),
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
    notice = acting.settings.policy.price_notice
    effect, moment = await coming_markups.put(
        write, params["provider"], percent, settings, notice=notice, by=acting.actor, now=acting.now
    )
    pause = timedelta(hours=params["hours"])
    if (amounts.percent(effect.old), effect.changed, moment - acting.now) != (params["old"], params["changed"], pause):
        raise TermsMoved
    return Screen(_said(acting.texts, params["provider"], effect, moment if pause else None))


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


def _said(texts: Texts, provider: str, effect: Effect, moment: datetime | None = None) -> str:
    """What came of setting a markup; `moment` is when it comes where it waits."""
    told = {"provider": provider, "new": amounts.percent(effect.new)}
    if moment is None:
        done = texts("markup-done", **told, changed=effect.changed)
    else:
        done = texts("markup-set", **told, old=amounts.percent(effect.old), at=moment)
    return lines(done, texts("markup-beyond", count=effect.beyond) if effect.beyond else None)


def _standing(acting: Acting, standing: list[InForce], *, head: str | None = None) -> Screen:
    texts = acting.texts
    told = (line for each in standing for line in _lines(texts, each))
    text = lines(*((head, "") if head else ()), texts("markup-title"), *told, "", texts("usage-markup"))
    return Screen(text, _keyboard(acting, standing))


def _lines(texts: Texts, each: InForce) -> list[Html]:
    known = texts(
        "markup-line",
        provider=each.provider,
        percent=amounts.percent(each.percent),
        settings=amounts.percent(each.settings),
        by="settings" if each.set_at is None else "chat",
        at=each.set_at or "",
        apart=each.apart,
    )
    if each.coming is None:
        return [known]
    coming = each.coming
    return [known, texts("markup-coming", at=coming.effective_at, percent=amounts.percent(coming.percent))]


def _keyboard(acting: Acting, standing: list[InForce]) -> InlineKeyboardMarkup | None:
    """What can be done about the markups that were announced; what somebody may not do, they are not shown."""
    texts, role = acting.texts, acting.admin.role
    if role is None or role < Role.MANAGER:
        return None
    rows: list[Row] = []
    for each in standing:
        if each.coming is None or not fits(each.provider):
            continue
        it: dict[str, Any] = {"name": each.provider, "mark": each.coming.mark}
        row = [keyboards.tap(texts.bare("button-markup-off", provider=each.provider), MarkupOff(**it))]
        if role is Role.OWNER:
            row.append(keyboards.tap(texts.bare("button-markup-now", provider=each.provider), MarkupNow(**it)))
        rows.append(row)
    return keyboards.stack(*rows) if rows else None
