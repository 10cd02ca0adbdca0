"""The floor of update -> reply: bare aiogram behind a webhook, one handler, one raw aiosqlite query.

Started as `python -m tests.bench.bare <Bot API address> <token> <database file> <port>`.
"""

import secrets
import sys

import aiosqlite
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web


async def greet(message: Message, connection: aiosqlite.Connection) -> None:
    """One row read, one message sent."""
    async with connection.execute("SELECT name FROM users WHERE id = ?", (message.chat.id,)) as cursor:
        row = await cursor.fetchone()
    await message.answer(f"Hello, {row[0] if row else 'stranger'}")


async def application(api: str, token: str, database: str, port: int) -> web.Application:
    """The webhook's application, with a users table of its own; it tells Telegram where it is, as it starts."""
    connection = await aiosqlite.connect(database)
    await connection.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    await connection.executemany("INSERT INTO users VALUES (?, ?)", [(n, f"Customer {n}") for n in range(1, 1001)])
    await connection.commit()
    dispatcher = Dispatcher(connection=connection)
    dispatcher.message.register(greet, CommandStart())
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(api)))
    secret = secrets.token_urlsafe(16)
    await bot.set_webhook(f"http://127.0.0.1:{port}/webhook", secret_token=secret)
    app = web.Application()
    SimpleRequestHandler(dispatcher, bot, secret_token=secret).register(app, "/webhook")
    setup_application(app, dispatcher, bot=bot)

    async def close(_: web.Application) -> None:
        await connection.close()

    app.on_cleanup.append(close)
    return app


if __name__ == "__main__":
    api, token, database, port = sys.argv[1:]
    web.run_app(application(api, token, database, int(port)), host="127.0.0.1", port=int(port), print=None)
