"""One Bot API call as it arrived: its method, parameters and files, and how a call is refused."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

# What getFile can hand out again; Telegram itself takes up to 50 MB.
MAX_UPLOAD_BYTES = 20 * 1024 * 1024

_INTEGER = re.compile(r"-?[0-9]{1,18}")

Wire = dict[str, Any]
"""A JSON object in the shape Telegram sends it."""


class Refused(Exception):
    """An error answer: `{"ok": false, "error_code": code, "description": ..., "parameters": ...}`."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def body(self) -> Wire:
        """The JSON object that Telegram answers with."""
        answer: Wire = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            answer["parameters"] = {"retry_after": self.retry_after}
        return answer


def bad_request(reason: str) -> Refused:
    """A 400; Telegram lowers the first letter of its own sentences and leaves CODES as they are."""
    return Refused(400, f"Bad Request: {reason}")


@dataclass(frozen=True)
class Upload:
    """A file that came with a request."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Described:
    """A result that Telegram accompanies with a sentence ("Webhook was set")."""

    result: object
    description: str


@dataclass
class Call:
    """A method call; parameters are strings from a form or query, or any JSON value from a JSON body."""

    method: str
    args: dict[str, Any]
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The parameter as text, "" when it is missing."""
        value = self.args.get(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        return json.dumps(value)

    def required(self, name: str) -> str:
        """The parameter as text; refused when it is empty."""
        value = self.text(name)
        if not value:
            raise bad_request(f'parameter "{name}" is required')
        return value

    def integer(self, name: str, default: int = 0, low: int | None = None, high: int | None = None) -> int:
        """The parameter as a number; unreadable counts as 0 and the limits clamp, as Telegram does."""
        value = self.text(name).strip()
        number = default if not value else int(value) if _INTEGER.fullmatch(value) else 0
        if low is not None:
            number = max(number, low)
        if high is not None:
            number = min(number, high)
        return number

    def flag(self, name: str) -> bool:
        """The parameter as a yes or no."""
        return self.text(name).strip().lower() in {"true", "yes", "1"}

    def decoded(self, name: str, what: str) -> Any:
        """The JSON value of the parameter, None when it is missing; `what` names it in the refusal."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {what} JSON object") from None

    def chat_id(self) -> int | None:
        """The chat that the call is about, if it names one by number."""
        value = self.text("chat_id").strip()
        return int(value) if _INTEGER.fullmatch(value) else None


Handler = Callable[[Call], object | Awaitable[object]]


async def read_call(request: web.Request, method: str) -> Call:
    """Read a call from the query, a form, JSON or multipart, whichever came.

    Raises `Refused` (413) when the body is larger than an upload may be, (400) when it is not UTF-8 or not JSON.
    """
    call = Call(method=method, args=dict(request.query))
    # The application's own limit (1 MB by default) is meant for the pages beside this server.
    roomy = request.clone(client_max_size=MAX_UPLOAD_BYTES)
    try:
        if request.content_type == "application/json":
            body = json.loads(await roomy.text() or "{}")
            if not isinstance(body, dict):
                raise bad_request("object expected as the request body")
            call.args.update(body)
        elif request.content_type == "multipart/form-data":
            await _read_parts(roomy, call)
        elif request.method == "POST":
            call.args.update(await roomy.post())
        # One pass finds lone surrogates wherever they hide in the parameters.
        json.dumps(call.args, ensure_ascii=False).encode()
    except web.HTTPRequestEntityTooLarge:
        raise Refused(413, "Request Entity Too Large") from None
    except UnicodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    except json.JSONDecodeError:
        raise bad_request("can't parse the request body as JSON") from None
    return call


async def _read_parts(request: web.Request, call: Call) -> None:
    """Read a multipart body part by part, so that nothing touches the disk."""
    size = 0
    async for part in await request.multipart():
        if not isinstance(part, aiohttp.BodyPartReader) or part.name is None:
            continue
        data = bytes(await part.read(decode=True))
        size += len(data)
        if size > MAX_UPLOAD_BYTES:
            raise Refused(413, "Request Entity Too Large")
        if part.filename is None:
            call.args[part.name] = data.decode()
        else:
            content_type = part.headers.get("Content-Type", "application/octet-stream")
            call.files[part.name] = Upload(part.filename, content_type, data)
