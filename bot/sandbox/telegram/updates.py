"""What the bot is to hear: the queue of updates, long polling and webhook delivery."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.telegram.call import Call, Described, Handler, Refused, Wire, bad_request

MAX_RETRY_SECONDS = 60.0
MAX_POLL_SECONDS = 50

# Telegram sends these only when they are asked for by name.
_ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}
_SECRET = re.compile(r"[A-Za-z0-9_-]*")

_WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
_OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
_WEBHOOK_SET = "Conflict: terminated by setWebhook request"

Waking = Literal["updates", "other poller", "webhook", "closing"]


@dataclass(frozen=True)
class Webhook:
    """Where updates are delivered to."""

    url: str
    secret: str
    max_connections: int


class Updates:
    """Updates in order, each kept until it is confirmed by an offset or taken by the webhook."""

    def __init__(self, clock: Callable[[], float], *, retry_seconds: float, timeout_seconds: float) -> None:
        self._clock = clock
        self._retry_seconds = retry_seconds
        self._timeout_seconds = timeout_seconds
        self._pending: list[Wire] = []
        # Not from 1: a bot that keeps its inbox over a restart of the sandbox must not take new updates for old.
        self._last_id = int(clock())
        self._allowed: list[str] = []
        self._poller: asyncio.Future[Waking] | None = None
        self._webhook: Webhook | None = None
        self._changed = asyncio.Event()
        self._last_error: tuple[int, str] | None = None
        self._closed = False

    def methods(self) -> dict[str, Handler]:
        """The Bot API methods of this part."""
        return {
            "getUpdates": self.get_updates,
            "setWebhook": self.set_webhook,
            "deleteWebhook": self.delete_webhook,
            "getWebhookInfo": self.webhook_info,
        }

    def put(self, kind: str, payload: Wire, *, times: int = 1) -> None:
        """Queue an update, `times` over under ids of their own, unless the bot does not want its kind."""
        wanted = kind in self._allowed if self._allowed else kind not in _ON_REQUEST
        if not wanted:
            return
        for _ in range(times):
            self._last_id += 1
            self._pending.append({"update_id": self._last_id, kind: payload})
        self._wake("updates")
        self._changed.set()

    async def get_updates(self, call: Call) -> list[Wire]:
        """Long polling: confirms everything under `offset` and waits up to `timeout` seconds for more."""
        if self._webhook is not None:
            raise Refused(409, _WEBHOOK_ACTIVE)
        offset = call.integer("offset")
        limit = call.integer("limit", 100, 1, 100)
        seconds = call.integer("timeout", 0, 0, MAX_POLL_SECONDS)
        self._remember_allowed(call)
        if offset > 0:
            self._pending = [update for update in self._pending if update["update_id"] >= offset]
        elif offset < 0:
            self._pending = self._pending[offset:]
        if self._pending or seconds == 0 or self._closed:
            return self._pending[:limit]
        self._wake("other poller")
        self._poller = asyncio.get_running_loop().create_future()
        waking = await self._wait(self._poller, seconds)
        if waking == "other poller":
            raise Refused(409, _OTHER_POLLER)
        if waking == "webhook":
            raise Refused(409, _WEBHOOK_SET)
        return self._pending[:limit]

    async def _wait(self, poller: asyncio.Future[Waking], seconds: float) -> Waking | None:
        try:
            async with asyncio.timeout(seconds):
                return await poller
        except TimeoutError:
            return None
        finally:
            if self._poller is poller:
                self._poller = None

    def _wake(self, why: Waking) -> None:
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(why)
        self._poller = None

    def _remember_allowed(self, call: Call) -> None:
        allowed = call.decoded("allowed_updates", "allowed updates")
        if isinstance(allowed, list):
            self._allowed = [str(kind).lower() for kind in allowed]

    # The webhook

    def set_webhook(self, call: Call) -> Described:
        """Deliver to a URL from now on; an empty URL means long polling again."""
        url = call.text("url").strip()
        if not url:
            return self.delete_webhook(call)
        _check_url(url)
        secret = call.text("secret_token")
        if len(secret) > 256:
            raise bad_request("secret token is too long")
        if not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        self._remember_allowed(call)
        if call.flag("drop_pending_updates"):
            self._pending.clear()
        webhook = Webhook(url, secret, call.integer("max_connections", 40, 1, 100))
        already = webhook == self._webhook
        self._webhook = webhook
        self._last_error = None
        self._wake("webhook")
        self._changed.set()
        return Described(True, "Webhook is already set" if already else "Webhook was set")

    def delete_webhook(self, call: Call) -> Described:
        """Back to long polling; what was not delivered stays queued unless it is to be dropped."""
        deleted = self._webhook is not None
        self._webhook = None
        self._last_error = None
        if call.flag("drop_pending_updates"):
            self._pending.clear()
        self._changed.set()
        return Described(True, "Webhook was deleted" if deleted else "Webhook is already deleted")

    def webhook_info(self, call: Call) -> Wire:
        """The state of the webhook as a WebhookInfo."""
        info: Wire = {
            "url": self._webhook.url if self._webhook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self._pending),
        }
        if self._webhook:
            info["max_connections"] = self._webhook.max_connections
        if self._last_error:
            info["last_error_date"], info["last_error_message"] = self._last_error
        if self._allowed:
            info["allowed_updates"] = self._allowed
        return info

    async def deliver(self, session: aiohttp.ClientSession) -> None:
        """Post updates to the webhook, one after another, the first failing one again until it is taken."""
        delay = self._retry_seconds
        while True:
            self._changed.clear()
            if self._webhook is None or not self._pending:
                await self._changed.wait()
                continue
            update = self._pending[0]
            error = await self._post(session, self._webhook, update)
            if error is None:
                # It may be gone already: a setWebhook meanwhile can drop what is pending.
                self._pending = [other for other in self._pending if other is not update]
                delay = self._retry_seconds
                continue
            self._last_error = (int(self._clock()), error)
            await self._pause(delay)
            delay = min(delay * 2, MAX_RETRY_SECONDS)

    async def _post(self, session: aiohttp.ClientSession, webhook: Webhook, update: Wire) -> str | None:
        """Deliver one update; the reason when it was not taken."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}
        timeout = aiohttp.ClientTimeout(total=self._timeout_seconds)
        try:
            async with session.post(
                webhook.url, json=update, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                if 200 <= response.status <= 299:
                    return None
                return f"Wrong response from the webhook: {response.status} {response.reason}"
        except TimeoutError:
            return "Read timeout expired"
        except aiohttp.ClientConnectorError:
            return "Connection refused"
        except aiohttp.ClientError:
            return "Connection reset by peer"

    async def _pause(self, seconds: float) -> None:
        """Wait before the next attempt, but not longer than the webhook stays the same."""
        webhook = self._webhook
        try:
            async with asyncio.timeout(seconds):
                while self._webhook == webhook:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pass

    def close(self) -> None:
        """Send a waiting poller home; the server is going down."""
        self._closed = True
        self._wake("closing")


def _check_url(url: str) -> None:
    """Refuse an address that Telegram could not deliver to. Plain HTTP is for this machine only."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise bad_request("invalid webhook URL specified") from None
    if not host or parts.scheme not in {"http", "https"}:
        raise bad_request("invalid webhook URL specified")
    if parts.scheme == "http" and host not in {"localhost", "127.0.0.1", "::1"}:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
