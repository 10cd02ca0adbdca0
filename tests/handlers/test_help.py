"""/help: what the shop can do for whoever asks."""

from handlers import admin_commands, commands
from handlers.i18n import Texts
from tests.handlers.phone import Phone


async def test_help_tells_admins_their_own_commands_and_nobody_else(mia: Phone, ada: Phone, texts: Texts) -> None:
    told = (await ada.say("/help")).text
    assert all(f"\n/{command.command} – " in told for command in admin_commands(texts)[len(commands(texts)) :])
    assert "/credit" not in (await mia.say("/help")).text
