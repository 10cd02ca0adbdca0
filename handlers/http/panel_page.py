"""The panel API described: a page for people under /api, and the OpenAPI description for programs."""

import html
import json
from collections.abc import Mapping
from pathlib import Path
from string import Template

from aiohttp import web

from handlers.http import panel_schema
from handlers.http.panel_api import Limits
from services.order_types import TERMS, TYPES

HERE = Path(__file__).parent
EXAMPLES: Mapping[str, str] = {"curl": "curl", "php": "PHP", "python": "Python", "javascript": "JavaScript"}
"""Files of `examples` that the page shows, by their titles."""
RECEIVERS: Mapping[str, str] = {
    "webhook_php": "PHP",
    "webhook_python": "Python, after pip install standardwebhooks",
    "webhook_javascript": "JavaScript, after npm install standardwebhooks",
}
"""Those that take webhooks."""
ACTIONS = (
    ("services", "", '[{"service": 1, "name": "...", "type": "Default", "category": "...", "rate": "0.90", ...}]'),
    ("add", "service, and by its type; request_id, reference, retail, retail_currency", '{"order": 23501}'),
    ("status", "order", '{"charge": "6", "start_count": "3572", "status": "Partial", "remains": "4000", ...}'),
    ("status", "orders = 1,10,100", '{"1": {...}, "10": {"error": "Incorrect order ID"}, "100": {...}}'),
    ("balance", "", '{"balance": "100.84292", "currency": "USD"}'),
    ("refill", "order", '{"refill": "1"}'),
    ("refill", "orders", '[{"order": 1, "refill": 1}, {"order": 3, "refill": {"error": "Incorrect order ID"}}]'),
    ("refill_status", "refill", '{"status": "Completed"}'),
    ("refill_status", "refills", '[{"refill": 1, "status": "Completed"}]'),
    ("cancel", "orders", '[{"order": 9, "cancel": {"error": "Incorrect order ID"}}, {"order": 2, "cancel": 1}]'),
)
SUBSCRIPTION = "username, min, max, posts, [delay, expiry]"


class PanelPage:
    """Both descriptions, made once. `public_url` is where the web reaches the shop, "" where nobody said."""

    def __init__(self, *, shop_name: str, currency: str, public_url: str, limits: Limits) -> None:
        self._page = _page(shop_name, currency, public_url, limits)
        self._openapi = json.dumps(panel_schema.openapi(shop_name, public_url), ensure_ascii=False, indent=1)

    def routes(self) -> list[web.RouteDef]:
        """Where they are."""
        return [web.get("/api", self.page), web.get("/api/openapi.json", self.openapi)]

    async def page(self, _request: web.Request) -> web.Response:
        """The page for people: nothing in it comes from anywhere else."""
        policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
        return web.Response(text=self._page, content_type="text/html", headers={"Content-Security-Policy": policy})

    async def openapi(self, _request: web.Request) -> web.Response:
        """The description for programs."""
        return web.Response(body=self._openapi.encode(), headers={"Content-Type": "application/json"})


def _page(shop_name: str, currency: str, public_url: str, limits: Limits) -> str:
    template = Template((HERE / "panel.html").read_text(encoding="utf-8"))
    return template.substitute(
        shop=html.escape(shop_name),
        currency=currency,
        address=html.escape(f"{public_url.rstrip('/') or 'https://<this host>'}/api/v2"),
        per_minute=limits.per_minute,
        catalogues=limits.catalogues,
        actions="\n".join(_line(*each) for each in ACTIONS),
        types="\n".join(_line(kind.name, _parameters(kind.name)) for kind in TYPES.values()),
        examples="\n".join(_example(title, example(name)) for name, title in EXAMPLES.items()),
        receivers="\n".join(_example(title, example(name)) for name, title in RECEIVERS.items()),
    )


def example(name: str) -> str:
    """A program of `examples`, as it is."""
    return (HERE / "examples" / f"{name}.txt").read_text(encoding="utf-8")


def _parameters(type_name: str) -> str:
    kind = TYPES[type_name.casefold()]
    if kind.asks == TERMS:
        return SUBSCRIPTION
    quantity = ("quantity",) if kind.asks_quantity else ()
    spread = ", [runs, interval]" if kind.spreads else ""
    return ", ".join(("link", *quantity, *kind.asks)) + spread


def _line(name: str, *cells: str) -> str:
    codes = "".join(f"<td><code>{html.escape(cell)}</code></td>" if cell else "<td></td>" for cell in cells)
    return f"<tr><td>{html.escape(name)}</td>{codes}</tr>"


def _example(title: str, text: str) -> str:
    return f"<h3>{title}</h3>\n<pre><code>{html.escape(text.rstrip())}</code></pre>"
