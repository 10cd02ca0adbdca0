"""Who runs the shop: /staff shows, gives and takes roles."""

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers import commands, screens
from handlers.admin import confirm, gate
from handlers.admin.arguments import Misread, Words
from handlers.admin.confirm import Step
from handlers.admin.gate import Acting
from handlers.i18n import Html, Texts
from handlers.screens import Screen, lines
from services import roles, staff, users
from services.approvals import Asked
from services.db import Database, WriteSession
from services.roles import Role
from services.staff import Member

NOBODY = "none"
"""What is typed for a role to take the one somebody has."""


def router() -> Router:
    """The one command."""
    router = Router(name="admin-roles")
    gate.commands(router, {"staff": show})
    return router


async def show(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/staff lists everybody with a role; /staff <user id> <role> gives one, /staff <user id> none takes it."""
    words, texts, owners = Words(command.args), acting.texts, acting.settings.admin_ids
    if not words:
        async with db.read() as session:
            members = await staff.members(session, owners)
        told = lines(texts("staff-title"), *(_line(texts, one) for one in members), "", texts("usage-staff"))
        return await screens.reply(message, Screen(told))
    acting.require(Role.OWNER)
    who, word = words.number(), words.choice((*roles.WORDS, NOBODY))
    words.end()
    if who in owners:
        raise Misread("staff-settled")
    if who == acting.admin.id:
        raise Misread("staff-yourself")
    async with db.read() as session:
        person = await users.known(session, str(who))
    params = {"id": str(who), "name": person.name, "role": word}
    large = word == Role.OWNER.word
    return await confirm.ask(message, GRANT, params, acting, db, subject=f"user:{who}", large=large)


async def _grant(write: WriteSession, asked: Asked, acting: Acting) -> Screen:
    who, role, owners = int(asked.params["id"]), roles.role(asked.params["role"]), acting.settings.admin_ids
    if role is None:
        await staff.revoke(write, user_id=who, owners=owners)
    else:
        await staff.grant(write, user_id=who, role=role, actor=acting.actor, owners=owners, now=acting.now)
    return Screen(acting.texts("staff-done", **asked.params))


async def _show_commands(asked: Asked, bot: Bot, acting: Acting) -> None:
    await commands.show(bot, acting.texts, int(asked.params["id"]), roles.role(asked.params["role"]))


GRANT = Step("grant", Role.OWNER, _grant, _show_commands)


def _line(texts: Texts, member: Member) -> Html:
    return texts(
        "staff-line",
        name=member.name or "",
        id=str(member.user_id),
        role=member.role.word,
        by="settings" if member.granted_by is None else "granted",
    )
