"""What a reseller hears in Telegram: how much, in which groups, and below which balance they are warned."""

from aiogram import Bot, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers import keyboards, screens
from handlers.reseller_buttons import Desk, DropRoom, Hearing, LowBalance
from handlers.resellers import typed
from handlers.resellers.gate import Selling
from handlers.screens import Screen, brief, lines
from handlers.states import Answers, Reselling
from services import resellers
from services.db import Database, ReadSession
from services.models import NEWS_LEVELS

START = "reseller"
"""What the link that adds the bot to a group says there; whoever follows it says it under their own name."""
LONGEST_TITLE = 32


def router() -> Router:
    """The buttons, and the balance that is typed."""
    router = Router(name="hearing")
    router.callback_query.register(open_hearing, Hearing.filter())
    router.callback_query.register(low_balance, LowBalance.filter())
    router.callback_query.register(drop_room, DropRoom.filter())
    router.message.register(balance_given, StateFilter(Reselling.low_balance), Answers())
    return router


async def open_hearing(query: CallbackQuery, callback_data: Hearing, bot: Bot, db: Database, selling: Selling) -> None:
    """As it stands, or at another level from now on."""
    if callback_data.level:
        async with db.write() as session:
            await resellers.set_news(session, selling.user_id, callback_data.level)
    await _show(query, bot, db, selling, new=callback_data.new)


async def _show(query: CallbackQuery, bot: Bot, db: Database, selling: Selling, *, new: bool = False) -> None:
    async with db.read() as session:
        screen = await _standing(session, selling, await _added_by(bot))
    await screens.toast(query)
    await screens.show(query, screen, new=new)


async def _added_by(bot: Bot) -> str:
    """The link that adds the bot to a group."""
    return f"https://t.me/{(await bot.me()).username}?startgroup={START}"


async def _standing(read: ReadSession, selling: Selling, link: str) -> Screen:
    texts = selling.texts
    reseller = await resellers.require(read, selling.user_id)
    rooms = await resellers.chats(read, selling.user_id)
    limit = reseller.low_balance
    text = lines(
        texts("hearing-title"),
        "",
        texts("hearing-level", level=reseller.news),
        texts("hearing-rooms", count=len(rooms)) if rooms else texts("hearing-here"),
        *(texts("hearing-room", title=brief(room.title, LONGEST_TITLE)) for room in rooms),
        texts("hearing-low", limit=limit) if limit else texts("hearing-no-low"),
        "",
        texts("hearing-how"),
    )
    levels = [
        [
            keyboards.tap(
                texts.bare("button-level", level=level, chosen="yes" if level == reseller.news else "no"),
                Hearing.model_validate({"level": level}),
            )
        ]
        for level in NEWS_LEVELS
    ]
    low = [keyboards.tap(texts.bare("button-low-balance"), LowBalance())]
    off = [keyboards.tap(texts.bare("button-low-off"), LowBalance(off=True))] if limit else []
    drops = [
        [
            keyboards.tap(
                texts.bare("button-room-drop", title=brief(room.title, LONGEST_TITLE)), DropRoom(chat_id=room.chat_id)
            )
        ]
        for room in rooms
    ]
    return Screen(
        text,
        keyboards.stack(
            *levels,
            [keyboards.visit(texts.bare("button-room-add"), link)],
            *drops,
            [*low, *off],
            [keyboards.back(texts, Desk())],
        ),
    )


async def low_balance(
    query: CallbackQuery, callback_data: LowBalance, bot: Bot, state: FSMContext, db: Database, selling: Selling
) -> None:
    """Ask below which balance, or warn no more."""
    if callback_data.off:
        async with db.write() as session:
            await resellers.set_low_balance(session, selling.user_id, None)
        return await _show(query, bot, db, selling)
    await state.set_state(Reselling.low_balance)
    await screens.toast(query)
    back = keyboards.stack([keyboards.back(selling.texts, Hearing())])
    return await screens.show(query, Screen(selling.texts("hearing-low-question"), back))


async def balance_given(message: Message, bot: Bot, state: FSMContext, db: Database, selling: Selling) -> None:
    """The balance."""
    limit = typed.amount(message.text)
    if limit is None:
        return await screens.reply(message, typed.no_amount(selling.texts, message.text))
    link = await _added_by(bot)
    async with db.write() as session:
        await resellers.set_low_balance(session, selling.user_id, limit)
        screen = await _standing(session, selling, link)
    await state.set_state(None)
    return await screens.reply(message, screen)


async def drop_room(query: CallbackQuery, callback_data: DropRoom, bot: Bot, db: Database, selling: Selling) -> None:
    """A group hears no more."""
    async with db.write() as session:
        await resellers.drop_chat(session, selling.user_id, callback_data.chat_id)
    await _show(query, bot, db, selling)
