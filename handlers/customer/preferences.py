"""A person's own settings: hours in which they are told without a sound, by which clock, and whether they want news."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from handlers import callbacks, keyboards, screens
from handlers.i18n import Texts
from handlers.screens import Screen, lines
from services import users
from services.db import Database, ReadSession
from services.quiet import QuietHours
from services.users import Person

HOURS = range(24)
OFFSETS = (
    *(hours * 60 for hours in range(-11, 13)),
    *(-570, -210, 210, 270, 330, 345, 390, 525, 570, 630, 765),
)
"""Every time that a clock on Earth may show now, in minutes ahead of UTC. The day does not matter: UTC+13 reads -11."""
IN_ROW = 6
CLOCKS_IN_ROW = 5


def router() -> Router:
    """The settings' command and buttons."""
    router = Router(name="preferences")
    router.message.register(settings_command, Command("settings"))
    router.callback_query.register(open_preferences, callbacks.Preferences.filter())
    router.callback_query.register(choose_hours, callbacks.ChooseQuiet.filter())
    router.callback_query.register(set_hours, callbacks.SetQuiet.filter())
    router.callback_query.register(quiet_off, callbacks.QuietOff.filter())
    router.callback_query.register(set_clock, callbacks.SetClock.filter())
    router.callback_query.register(choose_news, callbacks.News.filter())
    return router


def preferences(texts: Texts, hours: QuietHours, news: bool, now: datetime) -> Screen:
    """How it stands, and what can be changed."""
    on = hours.begins is not None and hours.ends is not None
    text = lines(
        texts("settings-title"),
        "",
        texts("settings-quiet", begins=_hour(hours.begins), ends=_hour(hours.ends))
        if on
        else texts("settings-quiet-off"),
        texts("settings-quiet-what"),
        texts("settings-clock", time=_clock(hours, now)) if hours.offset is not None else None,
        "",
        texts("settings-news", state="on" if news else "off"),
    )
    choose = keyboards.tap(texts.bare("button-quiet"), callbacks.ChooseQuiet(), None if on else "primary")
    off = keyboards.tap(texts.bare("button-quiet-off"), callbacks.QuietOff())
    clock = keyboards.tap(texts.bare("button-clock"), callbacks.SetClock())
    turn = keyboards.tap(texts.bare("button-news-off" if news else "button-news-on"), callbacks.News(wanted=not news))
    return Screen(
        text,
        keyboards.stack(
            [choose, off] if on else [choose],
            [clock] if hours.offset is not None else [],
            [turn],
            [keyboards.menu(texts)],
        ),
    )


def clocks(texts: Texts, now: datetime) -> Screen:
    """What time is it where you are? Nobody has to know their offset."""
    found = sorted((_clock(QuietHours(offset=offset), now), offset) for offset in OFFSETS)
    buttons = [keyboards.tap(time, callbacks.SetClock(offset=offset)) for time, offset in found]
    return Screen(texts("clock-question"), keyboards.stack(*keyboards.grid(buttons, CLOCKS_IN_ROW), _back(texts)))


def begin_question(texts: Texts) -> Screen:
    """From when."""
    buttons = [keyboards.tap(_hour(hour), callbacks.ChooseQuiet(begins=hour)) for hour in HOURS]
    return Screen(texts("quiet-begin-question"), keyboards.stack(*keyboards.grid(buttons, IN_ROW), _back(texts)))


def end_question(texts: Texts, begins: int) -> Screen:
    """Until when: the hours that follow, for a whole day is no quiet hours."""
    hours = [(begins + passed) % 24 for passed in range(1, 24)]
    buttons = [keyboards.tap(_hour(hour), callbacks.SetQuiet(begins=begins, ends=hour)) for hour in hours]
    text = texts("quiet-end-question", begins=_hour(begins))
    return Screen(text, keyboards.stack(*keyboards.grid(buttons, IN_ROW), _back(texts)))


def _back(texts: Texts) -> keyboards.Row:
    return [keyboards.back(texts, callbacks.Preferences())]


def _hour(hour: int | None) -> str:
    return f"{hour or 0:02}:00"


def _clock(hours: QuietHours, now: datetime) -> str:
    return f"{hours.local(now):%H:%M}"


async def settings_command(
    message: Message, db: Database, texts: Texts, user: Person, now: Callable[[], datetime]
) -> None:
    """/settings"""
    async with db.read() as session:
        screen = await _standing(session, texts, user, now())
    await screens.reply(message, screen)


async def open_preferences(
    query: CallbackQuery, db: Database, texts: Texts, user: Person, now: Callable[[], datetime]
) -> None:
    """The settings in answer to a tap."""
    async with db.read() as session:
        screen = await _standing(session, texts, user, now())
    await screens.toast(query)
    await screens.show(query, screen)


async def choose_hours(
    query: CallbackQuery,
    callback_data: callbacks.ChooseQuiet,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """The next question: the clock where it was never set, from when, until when."""
    async with db.read() as session:
        hours = await users.quiet_hours(session, user.id)
    await screens.toast(query)
    if hours.offset is None:
        await screens.show(query, clocks(texts, now()))
    elif callback_data.begins is None:
        await screens.show(query, begin_question(texts))
    else:
        await screens.show(query, end_question(texts, callback_data.begins))


async def set_hours(
    query: CallbackQuery,
    callback_data: callbacks.SetQuiet,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """Quiet hours are on."""
    async with db.write() as session:
        known = await users.quiet_hours(session, user.id)
        hours = replace(known, begins=callback_data.begins, ends=callback_data.ends)
        await users.choose_quiet(session, user.id, hours)
        screen = await _standing(session, texts, user, now())
    await screens.toast(query, texts.bare("toast-quiet", begins=_hour(hours.begins), ends=_hour(hours.ends)))
    await screens.show(query, screen)


async def quiet_off(
    query: CallbackQuery, db: Database, texts: Texts, user: Person, now: Callable[[], datetime]
) -> None:
    """They are off; the clock is kept."""
    async with db.write() as session:
        known = await users.quiet_hours(session, user.id)
        hours = replace(known, begins=None, ends=None)
        await users.choose_quiet(session, user.id, hours)
        screen = await _standing(session, texts, user, now())
    await screens.toast(query, texts.bare("toast-quiet-off"))
    await screens.show(query, screen)


async def set_clock(
    query: CallbackQuery,
    callback_data: callbacks.SetClock,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """Ask what the person's clock shows, or keep what was tapped and go on to what it is needed for."""
    if callback_data.offset is None:
        await screens.toast(query)
        return await screens.show(query, clocks(texts, now()))
    async with db.write() as session:
        hours = replace(await users.quiet_hours(session, user.id), offset=callback_data.offset)
        await users.choose_quiet(session, user.id, hours)
        screen = await _standing(session, texts, user, now())
    await screens.toast(query, texts.bare("toast-clock", time=_clock(hours, now())))
    return await screens.show(query, begin_question(texts) if hours.begins is None else screen)


async def choose_news(
    query: CallbackQuery,
    callback_data: callbacks.News,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """Whether the messages that go to many are wanted; under one of them its own button goes away."""
    async with db.write() as session:
        await users.choose_news(session, user.id, wanted=callback_data.wanted)
        screen = await _standing(session, texts, user, now())
    if callback_data.here:
        await screens.toast(query, texts.bare("broadcast-none-again"), alert=True)
        return await screens.rearm(query, screens.without(query, [callbacks.News]))
    await screens.toast(query)
    return await screens.show(query, screen)


async def _standing(read: ReadSession, texts: Texts, user: Person, now: datetime) -> Screen:
    """The settings as they stand."""
    hours = await users.quiet_hours(read, user.id)
    return preferences(texts, hours, await users.wants_news(read, user.id), now)
