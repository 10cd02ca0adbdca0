"""/help: what the shop can do for whoever asks."""

from handlers import commands
from handlers.i18n import Texts
from services.roles import Role
from tests.handlers.phone import Phone


async def test_help_tells_admins_their_own_commands_and_nobody_else(mia: Phone, ada: Phone, texts: Texts) -> None:
    told = (await ada.say("/help")).text
    assert all(
        f"\n/{command.command} – " in told for command in commands.of_staff(texts, Role.OWNER)[: len(commands.STAFF)]
    )
    assert "/credit" not in (await mia.say("/help")).text
