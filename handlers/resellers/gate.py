"""The one gate of the reseller's side: whether somebody may sell on is asked with each message and tap."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, TelegramObject

from handlers import states
from handlers.i18n import Texts
from handlers.settings import ShopSettings
from handlers.states import Reselling
from services import resellers
from services.db import Database
from services.reseller_errors import NotAReseller
from services.resellers import ResellerView


@dataclass(frozen=True, slots=True)
class Selling:
    """A reseller with one message or tap; `texts` are theirs."""

    reseller: ResellerView
    settings: ShopSettings
    texts: Texts
    now: datetime

    @property
    def user_id(self) -> int:
        """Whose site it is."""
        return self.reseller.user_id


class Approved(BaseMiddleware):
    """Gives handlers `selling`. Raises NotAReseller for who may not."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        db: Database = data["db"]
        try:
            async with db.read() as session:
                reseller = await resellers.require(session, data["user"].id)
        except NotAReseller:  # is asked nothing any more: what they type next is no answer
            await states.leave(data["state"], Reselling)
            raise
        if isinstance(event, CallbackQuery):  # what was asked before is left
            await states.leave(data["state"], Reselling)
        data["selling"] = Selling(reseller, data["settings"], data["texts"], data["now"]())
        return await handler(event, data)
