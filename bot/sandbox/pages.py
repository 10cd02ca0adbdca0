"""The platforms that links lead to, as small pages: the last word of a link chooses what its page says."""

import html
from collections import Counter

from aiohttp import web

DOMAINS = (
    *("instagram.com", "tiktok.com", "youtube.com", "youtu.be", "t.me", "x.com", "twitter.com", "facebook.com"),
    *("spotify.com", "twitch.tv"),
)
_PRIVATE = {
    "instagram.com": "<h2>This account is private</h2><p>Follow to see their photos and videos.</p>",
    "tiktok.com": '<script type="application/json">{"statusCode":10216,"statusMsg":"item is private"}</script>',
    "youtube.com": '<script>var r = {"playabilityStatus":{"messages":["This video is private"]}};</script>',
    "x.com": "<span>These posts are protected</span>",
    "twitter.com": "<span>These posts are protected</span>",
}
"""Where strangers are told that it is private; elsewhere they meet a wall."""
_NOBODY = '<div class="tgme_page_icon"><i class="tgme_icon_user"></i></div>'
_OPENS = 3
"""Every third look at a private page finds it made public: its owner was told in between, and did it."""


class Pages:
    """Answers under /pages/<domain>/<path>, and counts how often each link was looked at."""

    def __init__(self) -> None:
        self.looks: Counter[str] = Counter()

    def attach(self, app: web.Application) -> None:
        """Put the pages on a server."""
        app.router.add_get("/pages/{domain}/{path:.*}", self._answer)

    def hosts(self, url: str) -> str:
        """Where each domain's pages are found on the server at `url`, as the shop's setting wants it."""
        return ",".join(f"{domain}={url}/pages/{domain}" for domain in DOMAINS)

    async def _answer(self, request: web.Request) -> web.Response:
        domain, path = request.match_info["domain"], request.match_info["path"].strip("/")
        if domain not in DOMAINS:
            raise web.HTTPNotFound
        link = f"https://{domain}/{path}"
        self.looks[link] += 1
        match path.rpartition("/")[2].lower():
            case "private" if self.looks[link] % _OPENS:
                return _page(_PRIVATE[domain]) if domain in _PRIVATE else _wall(domain)
            case "deleted":
                return _page(_NOBODY) if domain == "t.me" else _page("<h1>Page not found</h1>", status=404)
            case "renamed":
                return web.Response(status=301, headers={"Location": f"{link}_anew"})
            case "unclear":
                return _wall(domain)
        return _page(f'<div class="tgme_page_title">{html.escape(path)}</div>', url=link)


def _wall(domain: str) -> web.Response:
    return web.Response(status=302, headers={"Location": f"https://{domain}/accounts/login/"})


def _page(body: str, *, status: int = 200, url: str = "") -> web.Response:
    shown = f'<meta property="og:url" content="{html.escape(url)}">' if url else ""
    text = f"<!DOCTYPE html><html><head><meta charset='utf-8'>{shown}</head><body>{body}</body></html>"
    return web.Response(text=text, status=status, content_type="text/html")
