"""The object graph on one page; starts it and stops it in order."""

import asyncio
import gc
import os
import secrets
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

import structlog
from aiogram.types import Update

from bot import dispatcher, jobs, leases, profile, runner, storage, telegram, upstream, web
from bot.inbox import Poller, Raw, Worker
from bot.pace import Pace
from bot.sender import Sender
from bot.settings import LOCALES, Settings
from bot.storage import StartRefused
from bot.telegram import Meaning, TelegramFailure, TokenRejected
from handlers.http.panel_actions import Counter
from handlers.http.panel_api import Limits, PanelApi
from handlers.i18n import Catalogue
from services import catalog, outbox, service_news, stranded
from services.api_uses import Tally
from services.db import Database
from services.link_check import LinkCheck
from services.site_posts import SitePosts

log = structlog.get_logger()

utc_now = partial(datetime.now, UTC)


class App:
    """One shop: `async with App(settings)` while it is open, or `run()` until SIGTERM or SIGINT.

    Several may live in one process, each with a database of its own. Raises StartRefused on entering.
    """

    def __init__(
        self,
        settings: Settings,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self.db = Database(settings.database_url.get_secret_value())
        self.bot = telegram.build(settings)
        self.catalogue = Catalogue(LOCALES, settings.default_locale, settings.currency)
        self.providers = upstream.clients(settings)
        self.pages = LinkCheck(settings.link_check_hosts) if settings.link_check else None
        self.sites = SitePosts(loopback=settings.webhook_loopback)
        self.dispatcher = dispatcher.build(
            db=self.db,
            settings=settings,
            catalogue=self.catalogue,
            providers=self.providers,
            pages=self.pages,
            now=now,
            clock=clock,
        )
        self.poller = Poller(self.bot, self.db, now)
        self.worker = Worker(self.db, settings.bot_id, self._handle, now)
        pace = Pace(clock)
        self.sender = Sender(self.bot, self.db, self.catalogue, self.owner, now, pace, clock=clock)
        tally = Tally()
        self.jobs = runner.Runner(
            jobs.Shop(
                self.db,
                settings,
                settings.policy,
                self.providers,
                self.owner,
                now,
                self.sender.look,
                jobs.Clock(now, clock),
                self.pages,
                tally,
                self.sites,
            )
        )
        counter = Counter(self.db, self.providers, settings.policy, settings.currency, now)
        limits = Limits(settings.api_rate_per_minute, settings.api_catalogues_per_hour)
        panel = PanelApi(counter, tally, limits, clock, settings.api_trusted_proxies)
        self.web = web.Web(settings, self.db, now, self.jobs, panel)
        self._now = now
        self._life = AsyncExitStack()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._closing = asyncio.Event()

    async def run(self) -> None:
        """Be open until the process is told to stop; a second signal does not wait."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def asked_to_stop() -> None:
            stop.set()
            for each in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(each)

        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, asked_to_stop)
        async with self:
            # aiogram's thousand models are here to stay: a full collection over them stops the loop for 0.1 s.
            gc.collect()
            gc.freeze()
            await stop.wait()

    async def __aenter__(self) -> Self:
        """Open the shop, from the inside out."""
        async with AsyncExitStack() as life:
            life.push_async_callback(self._close_connections)
            life.enter_context(storage.locked(self.db))
            await self._open_database()
            await self._greet_telegram()
            await self._open_port()
            life.push_async_callback(self.web.stop)
            tasks = await life.enter_async_context(asyncio.TaskGroup())
            self._begin(tasks)
            life.push_async_callback(self._drain)
            self._life = life.pop_all()
        self.web.ready(True)
        log.info("open", bot=self.settings.bot_id, providers=sorted(self.providers), port=self.web.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        """Close it, from the outside in."""
        self.web.ready(False)
        try:
            return await self._life.__aexit__(kind, error, trace)
        except BaseExceptionGroup as failures:
            if failures.subgroup(TokenRejected) is not None:
                raise TokenRejected(telegram.WRONG_TOKEN) from failures
            if failures.exceptions == (error,):
                return False  # the block's own failure, as it was
            raise

    # Opening

    async def _open_database(self) -> None:
        await storage.prepare(self.db, self.settings.currency)
        await storage.require_whole(self.db)
        async with self.db.write() as session:
            async with service_news.told(session, self._now()):
                await catalog.withdraw_strangers(session, self.providers, self._now())
            if self.db.on_sqlite:
                await outbox.release(session)  # the file is ours alone: whoever claimed these is dead
        async with self.db.read() as session:
            await upstream.recall(session, self.providers)
            for found in await stranded.find(session, self.settings.policy, self._now()):
                if found.missing:
                    log.warning(
                        "orders are open at a provider that is not in the settings",
                        provider=found.provider,
                        waiting=found.waiting,
                        placed=found.placed,
                    )

    async def _greet_telegram(self) -> None:
        """A wrong token ends the start; a Telegram that is down does not: orders must be followed all the same."""
        try:
            me = await self.bot.get_me(request_timeout=10)
            log.info("telegram", username=me.username)
        except TelegramFailure as error:
            if telegram.meaning(error) is Meaning.TOKEN_REJECTED:
                raise StartRefused(telegram.WRONG_TOKEN) from None
            log.warning("telegram cannot be reached, the shop opens all the same", error=str(error))

    async def _open_port(self) -> None:
        try:
            await self.web.start()
        except OSError as error:
            await self.web.stop()
            where = f"{self.settings.http_host}:{self.settings.http_port}"
            raise StartRefused(f"Cannot listen on {where}: {error.strerror or error}; set HTTP_PORT.") from None

    def _begin(self, group: asyncio.TaskGroup) -> None:
        def begin(name: str, work: Coroutine[Any, Any, None]) -> None:
            self._tasks[name] = group.create_task(work, name=name)

        hooked = bool(self.settings.public_url)
        receive = web.register_webhook(self.bot, self.settings) if hooked else self._leading("poller", self.poller.run)
        begin("receiver", receive)
        begin("worker", self._leading("worker", self.worker.run))
        begin("sender", self._leading("sender", self.sender.run))
        begin("jobs", self.jobs.run())
        begin("profile", profile.publish(self.bot, self.db, self.settings, self.catalogue))

    def _leading(self, role: str, work: Callable[[], Awaitable[None]]) -> Coroutine[Any, Any, None]:
        """Among replicas one polls, one works the inbox and one sends: Telegram's limits are the bot's, not theirs."""
        name = f"{role}:{self.settings.bot_id}"
        return leases.while_leading(self.db, name, self.owner, work, self._now, self._closing)

    async def _handle(self, raw: Raw) -> None:
        """One stored update through the conversation; whatever cannot be read raises ValidationError."""
        update = Update.model_validate(raw, context={"bot": self.bot})
        await self.dispatcher.feed_update(self.bot, update)

    # Closing

    async def _drain(self) -> None:
        """Take no new work, finish what is under way within the limit, leave the rest to the leases."""
        self._closing.set()
        for name in ("receiver", "profile"):
            self._tasks[name].cancel()
        self.jobs.stop()
        self.worker.stop()
        seconds = self.settings.stop_seconds
        await asyncio.wait([self._tasks["jobs"], self._tasks["worker"]], timeout=seconds)
        self.sender.stop()  # last: what the others still told somebody goes out
        await asyncio.wait([self._tasks["sender"]], timeout=min(5.0, seconds))
        for name, task in self._tasks.items():
            if not task.done() and name not in ("receiver", "profile"):
                log.warning("not finished in time, taken up at the next start", work=name)
            task.cancel()

    async def _close_connections(self) -> None:
        await self.bot.session.close()
        for client in self.providers.values():
            await client.close()
        if self.pages is not None:
            await self.pages.close()
        await self.sites.close()
        await self.db.close()
        log.info("closed")
