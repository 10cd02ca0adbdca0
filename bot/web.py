"""The one web server: Telegram's webhook, the panel API, and how the shop is doing for whoever watches over it."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from aiogram import Bot
from aiohttp import web
from sqlalchemy import func, select

from bot import inbox
from bot.inbox import ALLOWED_UPDATES
from bot.runner import Runner
from bot.settings import Settings
from bot.telegram import Meaning, TelegramFailure, TokenRejected, meaning
from handlers.http.panel_api import PanelApi
from handlers.http.panel_page import PanelPage
from handlers.http.quiet import QuietRunner
from services import alarm, lookout, reconciling, switches
from services.db import Database, StorageFailure
from services.models import Notice, Order, Update

log = structlog.get_logger()

BODY_CAP = 1024 * 1024
"""Bytes; an update has a few thousand."""
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  the name of a header
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Web:
    """Listens on the settings' host and port from `start` to `stop`."""

    def __init__(
        self, settings: Settings, db: Database, now: Callable[[], datetime], jobs: Runner, panel: PanelApi
    ) -> None:
        self._settings, self._db, self._now, self._jobs, self._panel = settings, db, now, jobs, panel
        self._page = PanelPage(
            shop_name=settings.shop_name,
            currency=settings.currency,
            public_url=settings.public_url,
            limits=panel.limits,
        )
        self._ready = False
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self) -> None:
        """Open the port; OSError where it is taken. `port` is the real one afterwards."""
        app = web.Application(client_max_size=BODY_CAP, middlewares=[_edge])
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_routes(self._panel.routes() + self._page.routes())
        if self._settings.public_url:
            app.router.add_post(webhook_path(self._settings), self._webhook)
        self._runner = QuietRunner(app, access_log=None, shutdown_timeout=5.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._settings.http_host, self._settings.http_port).start()
        self.port = self._runner.addresses[0][1]

    def ready(self, ready: bool) -> None:
        """Whether /readyz says that the shop is open."""
        self._ready = ready

    async def stop(self) -> None:
        """Finish the requests under way and close the port."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _webhook(self, request: web.Request) -> web.Response:
        """200 only when the update is stored: Telegram sends again what was not."""
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._settings.telegram_webhook_secret.get_secret_value().encode()):
            return web.Response(status=403)
        try:
            update = json.loads(await request.read())
        except ValueError:
            return web.Response(status=400)
        if not isinstance(update, dict):
            return web.Response(status=400)
        async with self._db.write() as session:
            await inbox.store(session, self._settings.bot_id, [update], self._now())
        return web.Response()

    async def _healthz(self, _request: web.Request) -> web.Response:
        """200 as long as the process lives: a restart mends no books, and a shop that sells nothing still refunds.

        What is broken stands in the body and, as figures to be alerted on, in /metrics.
        """
        try:
            async with asyncio.timeout(2), self._db.read() as session:
                verdict = await alarm.last(session)
                turns = await switches.history(session, switches.SALES, limit=1)
                warnings = await lookout.standing(session)
                closed = await switches.maintenance(session)
                comparing = await reconciling.current(session)
        except StorageFailure:
            return web.json_response({"status": "unknown"})
        breaches = [str(breach.invariant) for breach in verdict.breaches] if verdict is not None else []
        return web.json_response(
            {
                "status": "breach" if breaches else "ok",
                "sales": "stopped" if turns and not turns[0].is_on else "on",
                "maintenance": "off" if closed is None else "on",
                "restored": "not compared" if comparing is not None else None,
                "audited_at": verdict.at.isoformat(timespec="seconds") if verdict is not None else None,
                "breaches": breaches,
                "warnings": sorted({warned.code for warned in warnings}),
                "late_jobs": len(self._jobs.late()),
            }
        )

    async def _readyz(self, _request: web.Request) -> web.Response:
        if not self._ready:
            return web.Response(status=503, text="starting or stopping\n")
        if not self._jobs.stocked:
            return web.Response(status=503, text="the catalogue is being fetched\n")
        try:
            async with asyncio.timeout(2), self._db.read() as session:
                await session.value(select(1))
        except StorageFailure:
            return web.Response(status=503, text="the database does not answer\n")
        return web.Response(text="ready\n")

    async def _metrics(self, _request: web.Request) -> web.Response:
        """Prometheus' plain text: how much waits, and how each job fares."""
        async with self._db.read() as session:
            states = [
                ("shop_orders", "status", await session.all(select(Order.status, func.count()).group_by(Order.status))),
                ("shop_notices", "state", await session.all(select(Notice.state, func.count()).group_by(Notice.state))),
                ("shop_updates", "state", await session.all(select(Update.state, func.count()).group_by(Update.state))),
            ]
            selling = await session.value(select(switches.stands(switches.SALES)))
            ordering = await session.value(select(switches.stands(switches.ORDERING)))
            verdict = await alarm.last(session)
            unsent = await lookout.oldest_unsent(session)
            warnings = await lookout.standing(session)
        lines = [f'{name}{{{label}="{row[0]}"}} {row[1]}' for name, label, rows in states for row in rows]
        lines.append(f"shop_sales_on {int(bool(selling))}")
        lines.append(f"shop_maintenance_on {int(not ordering)}")
        if verdict is not None:
            lines.append(f"shop_audit_breaches {len(verdict.breaches)}")
            lines.append(f"shop_audit_seconds {verdict.at.timestamp():.0f}")
        waited = 0.0 if unsent is None else max(0.0, (self._now() - unsent).total_seconds())
        lines.append(f"shop_notice_oldest_seconds {waited:.0f}")
        lines += [
            f'shop_warning_seconds{{code="{one.code}",of="{one.subject}"}} {one.since.timestamp():.0f}'
            for one in warnings
        ]
        late = {each.name for each in self._jobs.late()}
        for job in self._jobs.running:
            lines.append(f'shop_job_late{{job="{job.name}"}} {int(job.name in late)}')
            lines.append(f'shop_job_runs_total{{job="{job.name}"}} {job.runs}')
            lines.append(f'shop_job_failures_total{{job="{job.name}"}} {job.failures}')
            if job.finished is not None:
                lines.append(f'shop_job_finished_seconds{{job="{job.name}"}} {job.finished.timestamp():.0f}')
        return web.Response(text="\n".join(lines) + "\n", headers={"Content-Type": "text/plain; version=0.0.4"})


@web.middleware
async def _edge(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The edge of the process: a defect is logged and answered with 500, so that Telegram sends the update again."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception:
        log.exception("a web request failed", path=request.rel_url.path)
        return web.Response(status=500)


def webhook_path(settings: Settings) -> str:
    """Where Telegram delivers: a path of this bot's own that says nothing of its token."""
    secret = settings.telegram_webhook_secret.get_secret_value()
    return f"/telegram/{hashlib.sha256(f'{settings.bot_id}:{secret}'.encode()).hexdigest()[:24]}"


async def register_webhook(bot: Bot, settings: Settings) -> None:
    """Tell Telegram where to deliver, again and again until it has heard. Raises TokenRejected."""
    pause = 1.0
    while True:
        try:
            await bot.set_webhook(
                settings.public_url + webhook_path(settings),
                secret_token=settings.telegram_webhook_secret.get_secret_value(),
                allowed_updates=ALLOWED_UPDATES,
                max_connections=40,
            )
            return
        except TelegramFailure as error:
            if meaning(error) is Meaning.TOKEN_REJECTED:
                raise TokenRejected from error
            log.warning("the webhook could not be registered", error=str(error))
        await asyncio.sleep(pause)
        pause = min(60.0, pause * 2)
