"""A shop of few words for the laws of the reseller's site: the panel API as scripted, and messages signed as told."""

import base64
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from aiohttp import web
from standardwebhooks import Webhook

from bot.sandbox.site import ResellerSite
from tests.e2e.sandbox_panel import NO_TLS

KEY = "a key made up for this run"
SERVICE = {
    "service": 1,
    "name": "Likes | Server A",
    "type": "Default",
    "category": "Instagram Likes",
    "rate": "1",
    "min": "10",
    "max": "100000",
    "dripfeed": False,
    "refill": False,
    "cancel": False,
}
BEGAN = datetime(2026, 5, 4, 12, tzinfo=UTC)


def new_secret() -> str:
    """A secret as the specification writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(key: str, body: bytes, *keys: str, age: int = 0) -> dict[str, str]:
    """What goes with a message that was sent `age` seconds ago, signed with each of the secrets in `keys`."""
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=age)
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(each).sign(key, moment, body.decode()) for each in keys),
    }


@dataclass
class Shop:
    """What the site asked (`heard`), what it is answered next (`faults`), and what it is told."""

    site: ResellerSite
    http: httpx.AsyncClient
    secret: str = field(default_factory=new_secret)
    heard: list[dict[str, str]] = field(default_factory=list)
    orders: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    status: dict[str, str] = field(default_factory=dict)
    told: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        """The panel API."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.heard.append(form)
        match form["action"]:
            case "services":
                return web.json_response([SERVICE, SERVICE | {"service": 2, "type": "Poll"}])
            case "balance":
                return web.json_response({"balance": "15", "currency": "USD"})
            case "status":
                return web.json_response(dict.fromkeys(form["orders"].split(","), self.status))
        fault = self.faults.pop(0) if self.faults else ""
        if fault and fault != "lost":
            return web.json_response({"error": fault})
        order = self.orders.setdefault(form["request_id"], 500 + len(self.orders))
        return web.Response(status=502, text="<html>") if fault else web.json_response({"order": order})

    def asked(self, action: str) -> list[dict[str, str]]:
        """Every call of one kind."""
        return [each for each in self.heard if each["action"] == action]

    async def buys(self, customer: str = "nora", quantity: int = 10_000, **more: Any) -> dict[str, Any]:
        """A customer of the site buys."""
        asked = {"customer": customer, "service": 1, "link": "https://instagram.com/p/one", "quantity": quantity}
        answer = await self.http.post("/site/buy", json=asked | more)
        answer.raise_for_status()
        sale: dict[str, Any] = answer.json()
        return sale

    async def settings(self, **given: str) -> httpx.Response:
        """Something is typed into the site's settings."""
        return await self.http.post("/site/settings", json=given)

    def event(self, sale: dict[str, Any], kind: str, status: str, *, refunded: str, second: int = 0) -> bytes:
        """A message about a sale, with what its customer has back in all."""
        retail = {"charge": sale["price"], "refund": "0", "refunded": refunded, "currency": sale["currency"]}
        at = (BEGAN + timedelta(seconds=second)).isoformat(timespec="microseconds")
        about = {"order": sale["order"] or 500, "reference": sale["reference"], "status": status, "at": at}
        figures = {
            "quantity": 10_000,
            "delivered": 6_000,
            "charge": "10",
            "kept": "6",
            "refunded": "4",
            "currency": "USD",
        }
        return json.dumps({"type": kind, "timestamp": at, "data": about | figures | {"retail": retail}}).encode()

    async def tells(self, body: bytes, *, key: str | None = None, secret: str | None = None, age: int = 0) -> int:
        """Sign and deliver a message; the status of the site's answer."""
        self.told += 1
        key = key or f"msg_{self.told}"
        signed = headers(key, body, secret or self.secret, age=age)
        return (await self.http.post("/site/webhook", content=body, headers=signed)).status_code

    async def state(self) -> dict[str, Any]:
        """What the page shows."""
        state: dict[str, Any] = (await self.http.get("/site/state")).json()
        return state

    async def balance(self, customer: str = "nora") -> str:
        """What a customer has on the site."""
        state = await self.state()
        return next(str(each["balance"]) for each in state["customers"] if each["id"] == customer)


@asynccontextmanager
async def scripted_shop(*, quiet: float = 60.0) -> AsyncIterator[Shop]:
    """The site and its shop on one port for as long as the block lasts, connected with each other."""
    site, app = ResellerSite(pause=0.01, quiet=quiet), web.Application()
    site.attach(app)
    async with httpx.AsyncClient(verify=NO_TLS, trust_env=False) as http:
        shop = Shop(site, http)
        app.router.add_post("/api/v2", shop.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = "http://{}:{}".format(*runner.addresses[0][:2])
        http.base_url = httpx.URL(url)
        site.connect(api_url=f"{url}/api/v2", key=KEY, secret=shop.secret)
        try:
            yield shop
        finally:
            await runner.cleanup()
