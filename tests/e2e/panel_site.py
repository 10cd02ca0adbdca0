"""A reseller's site before our panel API: the real edge on a port of its own, over a shop with scripted panels."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx
from aiohttp import web
from pydantic import TypeAdapter
from sqlalchemy import update

from handlers.http import panel_schema
from handlers.http.panel_actions import Counter
from handlers.http.panel_api import Limits, PanelApi
from handlers.http.panel_page import PanelPage
from handlers.http.quiet import QuietRunner
from services import api_keys, resellers
from services.api_uses import Tally
from services.db import Database
from services.models import Service
from services.networks import Network
from tests.shop import LINK, MIA, Shop, offered, open_shop

PLENTY = Limits(per_minute=100_000, catalogues=100_000)
TYPES = (
    *("Custom Comments", "Mentions with Hashtags", "Mentions Custom List", "Mentions Hashtag", "Poll", "SEO"),
    *("Mentions User Followers", "Mentions Media Likers", "Mentions", "Package", "Comment Likes", "Comment Replies"),
    *("Invites from Groups", "Subscriptions", "Custom Comments Package"),
)
"""Each is on sale at the north under its own name as its id there; Default is service 1, with drip-feed 20."""


@dataclass
class Site:
    """A reseller's site: it knows the address and its key."""

    shop: Shop
    http: httpx.AsyncClient
    url: str
    key: str
    tally: Tally
    elapsed: float = 0.0
    ids: dict[str, int] = field(default_factory=dict)

    def clock(self) -> float:
        """The steady clock of the edge."""
        return self.elapsed

    async def answer(self, action: str, **fields: Any) -> httpx.Response:
        """The answer to a form with our key, whatever it is."""
        return await self.http.post(self.url, data={"key": self.key, "action": action, **fields})

    async def ask(self, action: str, **fields: Any) -> Any:
        """The document of an answer, whose frame is that of every answer of this API."""
        answer = await self.answer(action, **fields)
        told = document(answer)
        if not (isinstance(told, dict) and "error" in told):
            described(action).validate_json(answer.content)
        return told

    async def add(self, **fields: Any) -> int:
        """Order 1000 likes unless told otherwise; the id."""
        told = await self.ask("add", **{"service": self.ids["Default"], "link": LINK, "quantity": 1000} | fields)
        assert set(told) == {"order"}, told
        assert type(told["order"]) is int
        return int(told["order"])

    async def key_of(self, user_id: int) -> str:
        """A new key of somebody who is a reseller from now on."""
        async with self.shop.db.write() as session:
            await resellers.apply(session, user_id, about="a site", now=self.shop.time)
            await resellers.decide(session, user_id, state="approved", actor="admin:1", now=self.shop.time)
            return (await api_keys.make(session, user_id, self.shop.time)).secret


@cache
def described(action: str) -> TypeAdapter[Any]:
    """What the description says of an action's answers."""
    return TypeAdapter(panel_schema.ANSWERS[action])


def document(answer: httpx.Response) -> Any:
    """What an answer says, after a look at what is the same for all."""
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    told = answer.json()
    if isinstance(told, dict) and "error" in told:
        assert set(told) == {"error"}
        assert isinstance(told["error"], str)
    return told


@asynccontextmanager
async def open_site(
    db: Database,
    limits: Limits = PLENTY,
    proxies: Collection[Network] = (),
    host: str = "127.0.0.1",
    hold: float = 0.01,
) -> AsyncIterator[Site]:
    """Mia's site, with $25.00 in her wallet, and a service of every type on sale."""
    async with open_shop(db) as shop:
        more = [offered(name, "Instagram Likes", "T", "1.00", type=name, min=1, max=10_000) for name in TYPES]
        await shop.stock("north", offered("20", "Instagram Likes", "E", "1.00", dripfeed=True, cancel=False), *more)
        async with httpx.AsyncClient(timeout=20) as http:
            site = Site(shop, http, "", "", Tally())
            counter = Counter(db, shop.clients, shop.policy, "USD", shop.now)
            api = PanelApi(counter, site.tally, limits, site.clock, proxies, hold)
            app = web.Application(client_max_size=1024 * 1024)
            page = PanelPage(shop_name="Mia's <Shop>", currency="USD", public_url="", limits=limits)
            app.router.add_routes(api.routes() + page.routes())
            runner = QuietRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, host, 0).start()
            site.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v2"
            site.key = await site.key_of(MIA)
            site.ids = {name: await shop.service("north", name) for name in TYPES}
            site.ids |= {"Default": await shop.service(), "Spread": await shop.service("north", "20")}
            try:
                yield site
            finally:
                await runner.cleanup()


async def retype(site: Site, service_id: int, name: str) -> None:
    """Give a service another type, as its provider may."""
    async with site.shop.db.write() as session:
        await session.run(update(Service).where(Service.id == service_id).values(type=name))
