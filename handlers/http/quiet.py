"""A web server that does not say again what it could not read: a key may be in it.

What is no HTTP never reaches an application: aiohttp answers it by itself, with the line that it could not read.
"""

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

UNREADABLE = "The request cannot be read\n"


class _Handler(RequestHandler):
    """One connection."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is no HTTP; neither it nor the log has a word of it."""
        if status != web.HTTPInternalServerError.status_code:
            exc, message = None, UNREADABLE
        return super().handle_error(request, status, exc, message)


class _Server(web.Server):
    def __call__(self) -> RequestHandler:
        return _Handler(self, loop=self._loop, **self._kwargs)


class QuietRunner(web.AppRunner):
    """Runs an application like web.AppRunner."""

    __slots__ = ()

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(made.request_handler, request_factory=made.request_factory, **self._kwargs)
