"""Steps that are asked for before they are taken: what will happen is said, then one tap takes it, once.

Large steps need the tap of a second person, where there is one who may: all of them are told, the first decides.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiogram import Bot, Router
from aiogram.types import CallbackQuery, Message

from handlers import callbacks, keyboards, screens
from handlers.admin import gate
from handlers.admin.gate import Acting
from handlers.screens import Screen, lines
from services import actions, approvals, outbox, staff
from services.approvals import Asked
from services.db import Database, WriteSession
from services.errors import ApprovalGone
from services.roles import Role
from services.staff_notices import ApprovalNotice
from services.users import Person


@dataclass(frozen=True, slots=True)
class Step:
    """A step under its `code`: `ask-<code>` says what will happen, `log-<code>` what did, from its params.

    `take` does it in one transaction and gives the screen that says so; `after` does once it is committed what needs
    the network.
    """

    code: str
    least: Role
    take: Callable[[WriteSession, Asked, Acting], Awaitable[Screen]]
    after: Callable[[Asked, Bot, Acting], Awaitable[None]] | None = None


async def ask(
    event: Message | CallbackQuery,
    step: Step,
    params: Mapping[str, Any],
    acting: Acting,
    db: Database,
    *,
    subject: str | None = None,
    large: bool = False,
) -> None:
    """Say what will happen and wait for the tap; asked once for each message or tap behind it.

    A `large` step waits for a second person with the role for it; where there is none, only an owner takes it alone.
    """
    texts, admin = acting.texts, acting.admin
    async with db.write() as session:
        rest = []
        if large:
            rest = await staff.others(session, than=admin.id, least=step.least, owners=acting.settings.admin_ids)
        # Nobody there who could say yes: an owner's own is enough, anybody else's is not.
        second = bool(rest) or (large and admin.role is not Role.OWNER)
        asked = await approvals.ask(
            session,
            key=f"{step.code}:{acting.key}",
            code=step.code,
            subject=subject,
            params=params,
            second=second,
            asked_by=admin.id,
            now=acting.now,
        )
        await _tell(session, asked, "waiting", admin.name, rest, acting.now)
    told = texts("ask-second", count=len(rest)) if second else texts("ask-alone") if large else None
    screen = Screen(
        lines(texts(f"ask-{step.code}", **params), *(("", told) if told else ())),
        keyboards.approve(texts, asked.id, alone=not second),
    )
    if isinstance(event, Message):
        return await screens.reply(event, screen)
    await screens.toast(event)
    return await screens.show(event, screen, new=True)


async def _tell(session: WriteSession, asked: Asked, state: str, by: str, people: Sequence[int], now: datetime) -> None:
    notice = ApprovalNotice(asked.id, asked.code, actions.plain(asked.params), by, state)
    told = [outbox.Outgoing(f"approval:{asked.id}:{state}:{one}", one, notice) for one in people]
    await outbox.put(session, told, now)


class Confirming:
    """The two taps under a step that waits, for every step there is."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = {step.code: step for step in steps}

    def router(self) -> Router:
        """Anybody of the staff comes in; each step then says whom it takes."""
        router = Router(name="admin-confirm")
        gate.button(router, callbacks.Approve, self.approve, Role.SUPPORT)
        gate.button(router, callbacks.Refuse, self.refuse, Role.SUPPORT)
        return router

    async def approve(
        self, query: CallbackQuery, callback_data: callbacks.Approve, bot: Bot, db: Database, acting: Acting
    ) -> None:
        """Take the step."""
        async with db.write() as session:
            asked, step = await self._allowed(session, callback_data.approval_id, acting)
            await approvals.take(session, asked.id, by=acting.admin.id, now=acting.now)
            screen = await step.take(session, asked, acting)
            await acting.record(session, asked.code, asked.subject, **asked.params, asked_by=asked.asked_by)
            await _tell(session, asked, "done", acting.admin.name, _asker(asked, acting.admin), acting.now)
        if step.after is not None:
            await step.after(asked, bot, acting)
        await screens.toast(query)
        return await screens.show(query, screen)

    async def refuse(self, query: CallbackQuery, callback_data: callbacks.Refuse, db: Database, acting: Acting) -> None:
        """Leave it."""
        async with db.write() as session:
            asked, step = await self._allowed(session, callback_data.approval_id, acting)
            await approvals.refuse(session, asked.id, by=acting.admin.id, now=acting.now)
            await _tell(session, asked, "refused", acting.admin.name, _asker(asked, acting.admin), acting.now)
        await screens.toast(query)
        texts = acting.texts
        return await screens.show(
            query, Screen(lines(texts(f"ask-{step.code}", **asked.params), "", texts("ask-left")))
        )

    async def _allowed(self, session: WriteSession, approval_id: int, acting: Acting) -> tuple[Asked, Step]:
        asked = await approvals.find(session, approval_id)
        step = self._steps.get(asked.code)
        if step is None:  # asked for by another version of the program
            raise ApprovalGone
        acting.require(step.least)
        return asked, step


def _asker(asked: Asked, decider: Person) -> list[int]:
    return [asked.asked_by] if asked.asked_by != decider.id else []
