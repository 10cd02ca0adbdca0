"""The reseller's site on the sandbox's server: its page, its buying, and the receiver of webhooks."""

import asyncio
import contextlib
import json
import ssl
import time
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError
from standardwebhooks.webhooks import EmptyWebhookSecretError

from bot.sandbox.site.books import Books, NotTaken, Sale, Unreadable
from bot.sandbox.site.view import sale_view, view
from bot.sandbox.site.wholesale import NoAnswer, Refusal, Wholesale

PAGE = Path(__file__).parent / "page"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Made once: in the sandbox nobody speaks TLS, and a client's own context takes a while to make."""
TRIES, PAUSE = 3, 1.0
"""An order whose answer is lost is asked for so often, PAUSE seconds apart, under the same request id."""
LOOK_EVERY = 1.0
QUIET = 20.0
"""Seconds without a word on an open order until it is asked about, for display alone."""
LONGEST = 256 * 1024
"""Bytes of a message that is read."""
MOST = 10**9
"""No service sells more at once."""
HINT = 8
"""Characters of a key that the page shows, to tell one from another."""
SOLD_TYPE = "Default"
"""The one type that the site's form can order: a link and a quantity."""


class ResellerSite:
    """A site with customers of its own. `api_url`, the key and the secret of its webhook are its settings.

    It trusts nothing but what the official library of Standard Webhooks says is signed with that secret. While it is
    `closed` it takes no messages.
    """

    def __init__(self, *, pause: float = PAUSE, quiet: float = QUIET, clock: Callable[[], float] = time.time) -> None:
        self.books = Books()
        self.api_url = ""
        self.key = ""
        self.address = ""
        self.wallet: str | None = None
        self.closed = False
        self._signed: Webhook | None = None
        self._services: dict[int, dict[str, Any]] = {}
        self._pause, self._quiet, self._clock = pause, quiet, clock
        self._moved = asyncio.Event()
        self._http: httpx.AsyncClient | None = None

    def attach(self, app: web.Application) -> None:
        """Add the routes and tie the site's life to the application's."""
        app.router.add_get("/site", self._index)
        app.router.add_get("/site/", self._index)
        app.router.add_static("/site/page", PAGE)
        app.router.add_get("/site/state", self._state)
        app.router.add_get("/site/services", self._list)
        app.router.add_post("/site/settings", self._settings)
        app.router.add_post("/site/buy", self._buy)
        app.router.add_post("/site/again", self._again)
        app.router.add_post("/site/webhook", self._webhook)
        app.cleanup_ctx.append(self._life)

    def connect(self, *, api_url: str | None = None, key: str | None = None, secret: str | None = None) -> None:
        """Take settings over; what is None stays. NotTaken where the secret is none."""
        if secret is not None:
            try:
                self._signed = Webhook(secret) if secret else None
            except (ValueError, EmptyWebhookSecretError):
                raise NotTaken("This is no secret of a webhook: it begins with whsec_.") from None
        if api_url is not None:
            self.api_url = api_url
        if key is not None:
            self.key = key
        self._services, self.wallet = {}, None
        self._moved.set()

    @property
    def listens(self) -> bool:
        """Whether the site has the secret that its messages are signed with."""
        return self._signed is not None

    def shown(self) -> dict[str, Any]:
        """What the page shows; of the key its beginning, of the secret that it is there."""
        settings = {"api_url": self.api_url, "key": self.key[:HINT], "listens": self.listens, "address": self.address}
        return view(self.books, settings=settings, wallet=self.wallet)

    async def _life(self, app: web.Application) -> AsyncIterator[None]:
        async with httpx.AsyncClient(verify=NO_TLS, trust_env=False) as self._http, asyncio.TaskGroup() as tasks:
            looking = tasks.create_task(self._look())
            yield
            looking.cancel()

    @property
    def _shop(self) -> Wholesale:
        assert self._http is not None  # noqa: S101  the server runs
        return Wholesale(self._http, self.api_url, self.key)

    # The page

    async def _index(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGE / "index.html")

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(self.shown())

    async def _list(self, request: web.Request) -> web.Response:
        """What the site sells, with its own prices per 1000."""
        try:
            rows = await self._catalogue()
        except (NoAnswer, Refusal) as error:
            raise _problem(f"The shop does not tell its prices: {error or 'no answer'}.") from None
        listed = [
            {
                "service": int(row["service"]),
                "name": row["name"],
                "category": row["category"],
                "rate": str(row["rate"]),
                "price": str(self.books.price(Decimal(str(row["rate"])), 1000)),
                "min": row["min"],
                "max": row["max"],
            }
            for row in rows.values()
        ]
        return web.json_response({"currency": self.books.currency, "services": listed})

    async def _catalogue(self) -> dict[int, dict[str, Any]]:
        if not self._services and self.key:
            rows = await self._shop.services()
            self._services = {int(row["service"]): row for row in rows if row.get("type") == SOLD_TYPE}
        return self._services

    async def _settings(self, request: web.Request) -> web.Response:
        """api_url, key, secret, currency, factor: each a text, what is missing stays."""
        asked = await _json(request)
        texts = {name: value.strip() for name, value in asked.items() if isinstance(value, str)}
        try:
            if {"currency", "factor"} & set(texts):
                self.books.sell_in(texts.get("currency"), texts.get("factor"))
            self.connect(api_url=texts.get("api_url"), key=texts.get("key"), secret=texts.get("secret"))
        except NotTaken as error:
            raise _problem(str(error)) from None
        return web.json_response(self.shown())

    # Buying

    async def _buy(self, request: web.Request) -> web.Response:
        """customer, service, link, quantity: the money is taken, then the shop is asked."""
        asked = await _json(request)
        quantity, service = await self._wanted(asked)
        await self._count()
        try:
            sale = self.books.sell(
                str(asked.get("customer", "")),
                service=service,
                link=str(asked.get("link", "")).strip(),
                quantity=quantity,
                wallet=self.wallet,
                at=self._clock(),
            )
        except NotTaken as error:
            raise _problem(str(error)) from None
        await self._order(sale)
        return web.json_response(sale_view(sale))

    async def _wanted(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """How many of which service."""
        try:
            quantity = int(asked.get("quantity", ""))
            service = (await self._catalogue()).get(int(asked.get("service", "")))
        except (TypeError, ValueError):
            raise _problem("Choose a service, and a whole number of them.") from None
        except (NoAnswer, Refusal) as error:
            raise _problem(f"The shop does not tell its prices: {error or 'no answer'}.") from None
        if service is None or not 0 < quantity < MOST:
            raise _problem("Choose a service, and a whole number of them.")
        return quantity, service

    async def _again(self, request: web.Request) -> web.Response:
        """Ask once more for a sale that nobody knows the fate of; the request id is the same."""
        number = (await _json(request)).get("sale")
        sale = next((each for each in self.books.sales if each.number == number and each.state == "unsure"), None)
        if sale is None:
            raise _problem("Nothing has to be asked for again there.")
        await self._order(sale)
        return web.json_response(sale_view(sale))

    async def _order(self, sale: Sale) -> None:
        for left in reversed(range(TRIES)):
            try:
                order = await self._shop.add(
                    service=str(sale.service),
                    link=sale.link,
                    quantity=str(sale.quantity),
                    request_id=sale.reference,
                    reference=sale.reference,
                    retail=str(sale.price),
                    retail_currency=sale.currency,
                )
                self.books.placed(sale, order)
            except Refusal as refusal:
                self.books.refused(sale, str(refusal), self._clock())
            except NoAnswer as lost:
                self.books.unanswered(sale, sent=lost.sent)
                if sale.order is None and left:
                    await asyncio.sleep(self._pause)
                    continue
            break
        self._moved.set()

    # Being told

    async def _webhook(self, request: web.Request) -> web.Response:
        """A message of the shop: 204 once it is taken in, whether now or before. Who signs wrongly learns nothing."""
        if self._signed is None or self.closed:
            return web.Response(status=503, text="not ready")
        if (request.content_length or 0) > LONGEST:
            return web.Response(status=413, text="too long")
        body = await request.read()
        message_id = request.headers.get("webhook-id", "")
        try:
            self._signed.verify(body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError):  # the library lets some malformed headers out as ValueError
            self.books.turned_away(message_id, self._clock())
            return web.Response(status=401, text="refused")
        try:
            heard = self.books.hear(message_id, json.loads(body), self._clock())
        except (ValueError, Unreadable):
            return web.Response(status=400, text="unreadable")
        if heard.kind == "service.changed":
            self._services = {}
        self._moved.set()
        return web.Response(status=204)

    # Looking by itself

    async def _look(self) -> None:
        """Know what is in the wallet once something moved, and ask after orders that nothing is heard of."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), LOOK_EVERY)
            moved = self._moved.is_set()
            self._moved.clear()  # in any case: what nobody clears, nobody waits for
            if self.key and self.api_url:
                if moved or self.wallet is None:
                    await self._count()
                await self._ask()

    async def _count(self) -> None:
        with contextlib.suppress(NoAnswer, Refusal):
            self.wallet = await self._shop.balance()

    async def _ask(self) -> None:
        before = self._clock() - self._quiet
        quiet = {
            sale.order: sale
            for sale in self.books.sales
            if sale.order is not None
            and not sale.ended
            and max(sale.at, sale.told_at or 0.0, sale.asked_at or 0.0) < before
        }
        if not quiet:
            return
        for sale in quiet.values():
            sale.asked_at = self._clock()
        with contextlib.suppress(NoAnswer, Refusal):
            answers = await self._shop.statuses(list(quiet)[:100])
            for order, sale in quiet.items():
                answer = answers.get(str(order))
                if isinstance(answer, dict) and isinstance(answer.get("status"), str):
                    sale.asked = answer


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        asked = json.loads(await request.read())
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise _problem("A JSON object is needed.")
    return asked


def _problem(error: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"error": error}), content_type="application/json")
