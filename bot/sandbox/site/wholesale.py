"""The reseller's site as a client of the panel API: one form-encoded POST, and JSON, a refusal, or nothing, back."""

from collections.abc import Mapping
from typing import Any

import httpx

TIMEOUT = 10.0


class Refusal(Exception):
    """The shop said no: an answer with `error`."""


class NoAnswer(Exception):
    """Nothing that could be understood came back: what was asked for may have happened, if it was `sent` at all."""

    def __init__(self, *, sent: bool = True) -> None:
        super().__init__()
        self.sent = sent


UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)


class Wholesale:
    """The shop, as one key sees it."""

    def __init__(self, http: httpx.AsyncClient, url: str, key: str) -> None:
        self._http = http
        self._url = url
        self._key = key

    async def services(self) -> list[dict[str, Any]]:
        """What is on sale."""
        answer = await self._call("services")
        if not isinstance(answer, list):
            raise NoAnswer
        return [row for row in answer if isinstance(row, dict)]

    async def add(self, **order: str) -> int:
        """Order; the id. The same `request_id` may be sent again and again, and orders once."""
        answer = await self._call("add", **order)
        try:
            return int(answer["order"])
        except (TypeError, KeyError, ValueError):
            raise NoAnswer from None

    async def statuses(self, orders: list[int]) -> dict[str, Any]:
        """How orders stand, by id."""
        answer = await self._call("status", orders=",".join(map(str, orders)))
        if not isinstance(answer, dict):
            raise NoAnswer
        return answer

    async def balance(self) -> str:
        """What the wallet holds, with its currency: `19 USD`."""
        answer = await self._call("balance")
        try:
            return f"{answer['balance']} {answer['currency']}"
        except (TypeError, KeyError):
            raise NoAnswer from None

    async def _call(self, action: str, **parameters: str) -> Any:
        form: Mapping[str, str] = {"key": self._key, "action": action, **parameters}
        try:
            response = await self._http.post(self._url, data=form, timeout=TIMEOUT)
            answer = response.json()
        except UNSENT:
            raise NoAnswer(sent=False) from None
        except (httpx.HTTPError, ValueError):
            raise NoAnswer from None
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise NoAnswer
        if isinstance(answer, dict) and isinstance(answer.get("error"), str):
            raise Refusal(answer["error"])
        if response.status_code != httpx.codes.OK:
            raise NoAnswer
        return answer
