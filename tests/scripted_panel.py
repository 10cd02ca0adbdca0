"""A panel over real HTTP that says exactly what a test tells it to, and remembers what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from services.provider import PanelClient

KEY = "scripted"


class ScriptedPanel:
    """`rows` is what `status` answers by order id; `adds` is answered to `add`, one after the other.

    `refills` is what `refill_status` answers by refill id; `refill_answers` is to `refill` what `adds` is to `add`.
    `cancels` is the answer to `cancel`; None: the panel knows no such action.
    Each entry of `adds` is a JSON answer, "hang" (accepted, no answer), "drop" (accepted, connection closed),
    or (status code, body). Where it is empty, orders are accepted under counting ids. `balances` is answered to
    `balance`, one after the other: JSON, or a page.
    """

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}
        self.adds: list[Any] = []
        self.balances: list[Any] = []
        self.refills: dict[str, Any] = {}
        self.cancels: Any = None
        self.refill_answers: list[Any] = []
        self.accepted: list[dict[str, str]] = []
        self.asked: list[dict[str, str]] = []
        self.services: list[dict[str, Any]] | None = None
        """Its catalogue; None: it refuses to tell."""
        self.raw_status: tuple[int, str] | None = None
        self.released = asyncio.Event()
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        """Any call of the panel API."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append(form)
        match form.get("action"):
            case "add":
                return await self._add(request, form)
            case "status":
                return self._status(form)
            case "refill":
                return await self._refill(request, form)
            case "refill_status":
                return self._refill_status(form)
        told = {"balance": self._balance(form), "services": self.services, "cancel": self.cancels}.get(
            form.get("action", "")
        )
        if isinstance(told, str):
            return web.Response(text=told)
        return web.json_response({"error": f"Incorrect action {form.get('action')}"} if told is None else told)

    def _balance(self, form: dict[str, str]) -> Any:
        scripted = self.balances if form.get("action") == "balance" else []
        return scripted.pop(0) if scripted else {"balance": "100.00", "currency": "USD"}

    def _status(self, form: dict[str, str]) -> web.Response:
        if self.raw_status is not None:
            status, body = self.raw_status
            return web.Response(status=status, text=body, content_type="text/html")
        if "orders" in form:
            ids = form["orders"].split(",")
            return web.json_response({each: self.rows[each] for each in ids if each in self.rows})
        return web.json_response(self.rows.get(form.get("order", ""), {"error": "Incorrect order ID"}))

    def _refill_status(self, form: dict[str, str]) -> web.Response:
        ids = form.get("refills", form.get("refill", "")).split(",")
        rows = [{"refill": each, "status": self.refills.get(each, {"error": "Refill not found"})} for each in ids]
        return web.json_response(rows if "refills" in form else rows[0])

    async def _refill(self, request: web.Request, form: dict[str, str]) -> web.Response:
        script = self.refill_answers.pop(0) if self.refill_answers else None
        if isinstance(script, dict):
            return web.json_response(script)
        number = str(len(self.refills) + 1)
        self.refills[number] = "Pending"
        if script == "hang":
            await self.released.wait()
        if script == "drop" and request.transport is not None:
            request.transport.abort()
        if isinstance(script, tuple):
            return web.Response(status=script[0], text=script[1], content_type="text/html")
        return web.json_response({"refill": number})

    async def _add(self, request: web.Request, form: dict[str, str]) -> web.Response:
        script = self.adds.pop(0) if self.adds else None
        if isinstance(script, dict) and set(script) == {"error"}:
            return web.json_response(script)
        self.accepted.append(form)
        number = str(len(self.accepted))
        self.rows.setdefault(number, row("Pending", form.get("quantity", "0")))
        if script == "hang":
            await self.released.wait()
        if script == "drop" and request.transport is not None:
            request.transport.abort()
        if isinstance(script, tuple):
            return web.Response(status=script[0], text=script[1], content_type="text/html")
        return web.Response(text=json.dumps(script if isinstance(script, dict) else {"order": int(number)}))


def row(status: str, remains: Any, *, start_count: Any = "7", charge: Any = "0.50") -> dict[str, Any]:
    """One status row in the field's canonical shape."""
    return {"charge": charge, "start_count": start_count, "status": status, "remains": remains, "currency": "USD"}


@asynccontextmanager
async def serving(panel: ScriptedPanel) -> AsyncIterator[str]:
    """The panel on a port of its own; yields its address."""
    app = web.Application()
    app.router.add_post("/api/v2", panel.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    panel.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v2"
    try:
        yield panel.url
    finally:
        panel.released.set()
        await runner.cleanup()


@asynccontextmanager
async def client_of(panel: ScriptedPanel, name: str = "north", *, deadline: float = 4.0) -> AsyncIterator[PanelClient]:
    """A real client of the panel under the shop's name for it."""
    async with serving(panel) as url:
        client = PanelClient(name, url, KEY, deadline=deadline)
        try:
            yield client
        finally:
            await client.close()
