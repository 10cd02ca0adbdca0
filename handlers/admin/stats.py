"""/stats: is everything all right, and what came in; in words, as a picture, as a table."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from handlers import callbacks, keyboards, screens, tables
from handlers.admin import chart, gate, periods
from handlers.admin.arguments import Misread, Words
from handlers.admin.gate import Acting
from handlers.i18n import Html, Texts
from handlers.screens import Screen, brief, lines, tidy
from services import reports, standing
from services.db import Database
from services.periods import WORDS, Period
from services.purses import Purse
from services.reports import Figures, Seller, Slot
from services.roles import Role
from services.standing import Standing

SHOWN = 8
"""Providers and warnings on one screen."""
LONGEST_NAME = 24


def router() -> Router:
    """The command and its buttons."""
    router = Router(name="admin-stats")
    gate.commands(router, {"stats": stats})
    gate.button(router, callbacks.Stats, again, Role.READER)
    return router


async def stats(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/stats [today|yesterday|7d|30d|month|<from>..<to>]."""
    words = Words(command.args)
    period = periods.read(words.next() if words else "today", acting.now)
    words.end()
    await screens.reply(message, await _glance(db, acting, period))


async def again(query: CallbackQuery, callback_data: callbacks.Stats, bot: Bot, db: Database, acting: Acting) -> None:
    """Another period in place of this one, or this one as a picture or a table."""
    texts = acting.texts
    try:
        period = periods.read(callback_data.period, acting.now)
    except Misread:  # forged
        return await screens.toast(query, texts.bare("stats-no-period"), alert=True)
    await screens.toast(query)
    if callback_data.form == "words":
        return await screens.show(query, await _glance(db, acting, period), new=callback_data.new)
    async with db.read() as session:
        course = await reports.course(session, period)
    if callback_data.form == "table":
        file = BufferedInputFile(tables.of(_table(course, acting.now)), f"stats-{period.first}-{period.last}.csv")
        await bot.send_document(query.from_user.id, file, caption=periods.name(texts, period))
        return None
    total = reports.total(course)
    picture = await asyncio.to_thread(chart.draw, _drawn(texts, period, course, total))
    caption = lines(periods.name(texts, period), *_money(texts, total))
    await bot.send_photo(query.from_user.id, BufferedInputFile(picture, "chart.png"), caption=caption)
    return None


async def _glance(db: Database, acting: Acting, period: Period) -> Screen:
    texts, settings, now = acting.texts, acting.settings, acting.now
    async with db.read() as session:
        how = await standing.now(session, settings.policy, settings.exchange_rates, now)
        total = reports.total(await reports.course(session, period))
        statuses = await reports.statuses(session, period)
        active = await reports.active(session, period)
        sellers = await reports.sellers(session, period)
    best = [_seller(texts, one) for one in sellers]
    purses = [_purse(texts, purse, settings.policy.balance_for, now) for purse in how.purses[:SHOWN]]
    text = lines(
        *_verdict(texts, how),
        "",
        texts("stats-title", period=periods.name(texts, period)),
        *_money(texts, total),
        "",
        texts("stats-placed", count=total.placed),
        *(texts("stats-status", status=status, count=count) for status, count in sorted(statuses.items())),
        texts("stats-ended", count=total.ended, partial=total.partial, percent=total.partial_percent),
        texts("stats-customers", joined=total.joined, active=active),
        *(["", texts("stats-best"), *best] if best else []),
        *(["", texts("stats-purses"), *purses] if purses else []),
        "",
        *_now(texts, how, now),
    )
    return Screen(text, keyboards.stack(*_ways(texts, period)))


def _verdict(texts: Texts, how: Standing) -> Sequence[Html]:
    """The answer first: all is well, or what is not."""
    if how.well:
        return [texts("stats-well")]
    broken = len(how.verdict.breaches) if how.verdict is not None else 0
    return [
        texts("stats-unwell"),
        *([] if how.selling else [texts("stats-stopped")]),
        *([] if how.open else [texts("stats-closed")]),
        *([texts("stats-comparing")] if how.comparing else []),
        *([texts("stats-broken", count=broken)] if broken else []),
        *([texts("stats-unknown", count=how.unknown)] if how.unknown else []),
        *([texts("stats-unclear", count=how.unclear)] if how.unclear else []),
        *([texts("stats-stuck", count=how.stuck)] if how.stuck else []),
        *(texts("stats-warning", code=one.code, of=one.subject or "–", at=one.since) for one in how.warnings[:SHOWN]),
    ]


def _money(texts: Texts, total: Figures) -> Sequence[Html]:
    return [
        texts("stats-kept", kept=texts.rounded(total.kept), profit=texts.rounded(total.profit)),
        texts("stats-cost", cost=texts.rounded(total.cost)),
        *([texts("stats-lost", lost=texts.rounded(total.lost))] if total.lost else []),
        texts("stats-refunded", refunded=texts.rounded(total.refunded)),
    ]


def _seller(texts: Texts, one: Seller) -> Html:
    name, kept = brief(tidy(one.name), LONGEST_NAME), texts.rounded(one.kept)
    return texts("stats-seller", name=name, server=one.server, kept=kept, orders=one.orders)


def _purse(texts: Texts, purse: Purse, enough: timedelta, now: datetime) -> Html:
    """What is left where, and for how long."""
    if purse.failing is not None and purse.failing_since is not None:
        state = texts("stats-failing", kind=purse.failing, span=now - purse.failing_since)
    elif purse.left is None:
        state = texts("stats-unspent")
    else:
        low = "yes" if purse.left < enough else "no"
        state = texts("stats-lasts", span=purse.left, low=low)
    balance = "–" if purse.balance is None else brief(f"{purse.balance} {purse.currency or ''}".strip(), LONGEST_NAME)
    return texts("stats-purse", provider=purse.provider, balance=balance, state=state)


def _now(texts: Texts, how: Standing, now: datetime) -> Sequence[Html]:
    waiting = [] if how.unsent is None else [texts("stats-unsent", span=max(now - how.unsent, timedelta()))]
    return [
        texts("stats-under-way", queued=how.queued, placed=how.placed),
        *(waiting or [texts("stats-all-sent")]),
        texts("stats-selling", state="on" if how.selling else "off"),
        texts("stats-never-audited")
        if how.verdict is None
        else texts("stats-audited", state="broken" if how.verdict.breaches else "holds", at=how.verdict.at),
    ]


def _ways(texts: Texts, period: Period) -> Sequence[keyboards.Row]:
    """The other periods, this one anew, and as a picture or a table."""
    others = [
        keyboards.tap(texts.bare("button-period", word=f"to-{word}"), callbacks.Stats(period=word))
        for word in WORDS
        if word != period.word
    ]
    this = callbacks.Stats(period=period.word)
    return [
        *keyboards.grid(others, 2),
        [
            keyboards.tap(texts.bare("button-chart"), this.model_copy(update={"form": "chart"})),
            keyboards.tap(texts.bare("button-table"), this.model_copy(update={"form": "table"})),
            keyboards.tap(texts.bare("button-anew"), this),
        ],
    ]


def _table(course: Sequence[Slot], now: datetime) -> Sequence[Sequence[object]]:
    """The steps of a period that have begun."""
    names = [name for name in reports.NAMES if name != "cost"]
    rows: list[list[object]] = [["from_utc", "profit", "cost", *names]]
    for slot in course:
        if slot.since <= now:
            figures = slot.figures
            rows.append([slot.since, figures.profit, figures.cost, *(getattr(figures, name) for name in names)])
    return rows


def _drawn(texts: Texts, period: Period, course: Sequence[Slot], total: Figures) -> chart.Drawn:
    hourly = period.step < timedelta(days=1)
    return chart.Drawn(
        title=texts.bare("chart-title", kept=texts.rounded(total.kept)),
        subtitle=texts.bare("chart-subtitle", period=periods.name(texts, period), profit=texts.rounded(total.profit)),
        names=[texts.bare("chart-series", of=of) for of in ("kept", "profit", "refunded")],
        labels=tuple(f"{slot.since:%H}" if hourly else texts.short_day(slot.since) for slot in course),
        bars=tuple(
            (slot.figures.kept.micros, slot.figures.profit.micros, slot.figures.refunded.micros) for slot in course
        ),
        money=texts.compact,
    )
