"""The local Telegram: routes, method dispatch and the life of the simulator inside an aiohttp application."""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Callable, Sequence
from copy import copy
from pathlib import Path

import aiohttp
from aiohttp import web

from bot.sandbox.telegram.call import Call, Described, Handler, Refused, Wire, read_call
from bot.sandbox.telegram.chats import PEOPLE, Chats, Group, Person
from bot.sandbox.telegram.files import Files
from bot.sandbox.telegram.page_api import PageApi
from bot.sandbox.telegram.payments import Payments
from bot.sandbox.telegram.profile import Profile
from bot.sandbox.telegram.talk import Talk
from bot.sandbox.telegram.trouble import DROPPED, Fault, Faults, Limits
from bot.sandbox.telegram.updates import Updates
from bot.sandbox.telegram.view import View


class TelegramSimulator:
    """A Bot API server for one bot and a handful of people, with the chat page that they use.

    `token` is `<digits>:<anything>`; `page_dir` holds index.html and its parts. A person has no chat with the bot
    until they write first, as in Telegram. The seconds are those of the real thing unless a test shortens them.
    """

    def __init__(
        self,
        token: str,
        page_dir: Path,
        bot_name: str = "Sandbox Shop",
        bot_username: str = "sandbox_shop_bot",
        people: Sequence[Person] = PEOPLE,
        groups: Sequence[Group] = (),
        *,
        limits: bool = False,
        pre_checkout_seconds: float = 10.0,
        callback_seconds: float = 15.0,
        webhook_retry_seconds: float = 1.0,
        webhook_timeout_seconds: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.token = token
        self.page_dir = page_dir
        bot: Wire = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": bot_name,
            "username": bot_username,
        }
        self.files = Files()
        self.faults = Faults()
        self.limits = Limits(clock) if limits else None
        self.updates = Updates(clock, retry_seconds=webhook_retry_seconds, timeout_seconds=webhook_timeout_seconds)
        # Copies: one simulator's people do not change under another's hands.
        self.chats = Chats(bot, [copy(p) for p in people], groups, View(f"/file/bot{token}"), clock)
        self.talk = Talk(self.chats, self.files, clock, callback_seconds=callback_seconds)
        self.payments = Payments(self.chats, self.talk, self.updates, clock, pre_checkout_seconds=pre_checkout_seconds)
        self.profile = Profile(bot, self.chats)
        self.page = PageApi(self.chats, self.files, self.talk, self.payments, self.profile, self.updates, self.faults)
        parts = (self.updates, self.talk, self.payments, self.profile)
        # Telegram takes a method's name in any case.
        self._methods: dict[str, tuple[str, Handler]] = {
            name.lower(): (name, handler) for part in parts for name, handler in part.methods().items()
        }

    def attach(self, app: web.Application) -> None:
        """Add the routes to an application and tie the simulator's life to it."""
        app.router.add_route("*", "/bot{token}/{method}", self._bot_api)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        app.router.add_get("/", self._index)
        app.router.add_static("/page", self.page_dir)
        app.add_routes(self.page.routes())
        app.cleanup_ctx.append(self._life)
        app.on_shutdown.append(self._close)

    async def _life(self, app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
            delivery = tasks.create_task(self.updates.deliver(session))
            yield
            delivery.cancel()

    async def _close(self, app: web.Application) -> None:
        """End what waits: long polls, streams, payments. The server waits for its handlers after this."""
        self.updates.close()
        self.payments.close()
        self.chats.close()

    # The Bot API

    async def _bot_api(self, request: web.Request) -> web.Response:
        call = None
        try:
            call, handler = await self._called(request)
            return await self._perform(request, call, handler)
        except Refused as refusal:
            if call is not None and call.method != "getUpdates":
                self.chats.note(call.method, call.chat_id(), call.text("text"), error=refusal.description)
            return web.json_response(refusal.body(), status=refusal.code)

    async def _called(self, request: web.Request) -> tuple[Call, Handler]:
        if request.match_info["token"] != self.token:
            raise Refused(401, "Unauthorized")
        name, handler = self._methods.get(request.match_info["method"].lower(), ("", None))
        if handler is None:
            raise Refused(404, "Not Found")
        return await read_call(request, name), handler

    async def _perform(self, request: web.Request, call: Call, handler: Handler) -> web.Response:
        fault = self.faults.take(call)
        if fault is not None and not fault.takes_effect:
            return self._strike(request, call, fault)
        if self.limits is not None:
            self.limits.check(call)
        result = handler(call)
        if inspect.isawaitable(result):
            result = await result
        if fault is not None:
            return self._strike(request, call, fault)
        if isinstance(result, Described):
            return web.json_response({"ok": True, "result": result.result, "description": result.description})
        return web.json_response({"ok": True, "result": result})

    def _strike(self, request: web.Request, call: Call, fault: Fault) -> web.Response:
        """Answer with the fault instead of the result; its error answers are raised."""
        if fault.status != DROPPED and not fault.html:
            raise fault.refusal()
        error = "connection dropped" if fault.status == DROPPED else f"HTML page with status {fault.status}"
        self.chats.note(call.method, call.chat_id(), call.text("text"), error=error)
        if fault.status != DROPPED:
            return web.Response(status=fault.status, text=fault.page(), content_type="text/html")
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    # Files

    async def _download(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != self.token:
            raise web.HTTPUnauthorized
        file = self.files.by_path(request.match_info["path"])
        if file is None:
            raise web.HTTPNotFound
        # Whatever was uploaded must not run as a page of this server.
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        content_type = file.content_type if file.width else "application/octet-stream"
        return web.Response(body=file.data, content_type=content_type, headers=headers)

    async def _index(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(self.page_dir / "index.html")
