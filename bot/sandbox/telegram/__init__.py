"""A local Bot API server with the people who talk to the bot: Telegram in small, as strict as the real one."""

from bot.sandbox.telegram.chats import PEOPLE, Group, Person
from bot.sandbox.telegram.server import TelegramSimulator

__all__ = ["PEOPLE", "Group", "Person", "TelegramSimulator"]
