"""The one gate of the admin side: every command and button says which role it takes, and that is asked each time."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiogram import BaseMiddleware, Bot, F, Router
from aiogram.dispatcher.flags import get_flag
from aiogram.filters import Command, Filter, StateFilter
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message, TelegramObject

from handlers import screens
from handlers.admin.arguments import Misread
from handlers.commands import STAFF
from handlers.i18n import Texts
from handlers.screens import Screen, lines
from handlers.settings import ShopSettings
from handlers.states import Answers
from services import actions
from services.db import WriteSession
from services.errors import NotAllowed
from services.roles import Role
from services.users import Person

LEAST, NAME = "least", "command"
Handler = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody of the staff with one message or tap, which `key` names; `texts` are theirs."""

    admin: Person
    settings: ShopSettings
    texts: Texts
    now: datetime
    key: str

    @property
    def actor(self) -> str:
        """The admin as the ledger and the log know them."""
        return actions.by(self.admin.id)

    def require(self, least: Role) -> None:
        """Raises NotAllowed where the admin's role is below `least`."""
        if self.admin.role is None or self.admin.role < least:
            raise NotAllowed(role=least.word)

    async def record(self, write: WriteSession, code: str, subject: str | None = None, **detail: Any) -> bool:
        """Write down what is done in this transaction; False where this message or tap was worked before."""
        return await actions.record(
            write, key=self.key, actor=self.actor, code=code, subject=subject, detail=detail, now=self.now
        )


class StaffOnly(Filter):
    """Lets through who has a role; for everybody else the commands do not exist."""

    async def __call__(self, event: Message | CallbackQuery, user: Person) -> bool:
        return user.role is not None


class Allowed(BaseMiddleware):
    """Gives handlers `acting`. Raises NotAllowed for too low a role; what was misread is told with the usage."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        key = f"tap:{event.id}" if isinstance(event, CallbackQuery) else _name(event, data["bot"])
        acting = data["acting"] = Acting(data["user"], data["settings"], data["texts"], data["now"](), key)
        least: Role = get_flag(data, LEAST)  # a handler without one is a defect, and nobody passes
        acting.require(least)
        try:
            return await handler(event, data)
        except Misread as misread:
            if isinstance(event, Message):
                await screens.reply(event, _usage(acting.texts, misread, get_flag(data, NAME)))
            elif isinstance(event, CallbackQuery) and misread.code:
                await screens.toast(event, acting.texts.bare(misread.code, **misread.params), alert=True)
            else:
                raise


def commands(router: Router, handlers: Mapping[str, Handler], *, told: bool = False) -> None:
    """Register what commands do; handlers.commands says who has them.

    `told`: only with something after them; alone they are the customers' commands of these names.
    """
    for name, handler in handlers.items():
        command = Command(name, magic=F.args) if told else Command(name)
        router.message.register(handler, command, flags={LEAST: STAFF[name], NAME: name})


def button(router: Router, intention: type[CallbackData], handler: Handler, least: Role) -> None:
    """Register what a tap does."""
    router.callback_query.register(handler, intention.filter(), flags={LEAST: least})


def answer(router: Router, state: State, handler: Handler, least: Role) -> None:
    """Register what an answer to a question does."""
    router.message.register(handler, StateFilter(state), Answers(), flags={LEAST: least})


def _name(event: TelegramObject, bot: Bot) -> str:
    """Every bot counts the messages of a chat by itself: under another token a number comes again."""
    assert isinstance(event, Message)  # noqa: S101  the admin side hears messages and taps alone
    return f"message:{bot.id}:{event.chat.id}:{event.message_id}"


def _usage(texts: Texts, misread: Misread, command: str | None) -> Screen:
    told = texts(misread.code, **misread.params) if misread.code else None
    return Screen(lines(told, texts(f"usage-{command}") if command else None))
