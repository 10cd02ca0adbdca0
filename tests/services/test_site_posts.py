"""A POST to a reseller's site: real HTTP on the loopback for what sites say, no connection where none must go."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from structlog.testing import capture_logs

from services import public_addresses, site_addresses, site_posts
from services.reseller_errors import BadSite
from services.site_posts import CAP, Answer, SitePosts, waiting
from tests.conftest import NOW
from tests.hostile import HOSTILE, Listener
from tests.reseller_site import Sites, open_sites

BODY = '{"text":"ünï ✓"}'
INSIDE: tuple[list[str], ...] = (
    *(["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["10.0.0.1"], ["172.16.3.4"], ["192.168.1.1"], ["169.254.169.254"]),
    *(["100.64.0.1"], ["0.0.0.0"], ["255.255.255.255"], ["::1"], ["::"], ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"]),  # noqa: S104
    *(["2002:7f00:1::"], ["2001:0:7f00:1::"], ["fe80::1"], ["fe80::1%lo"], ["fd00::1"], ["fec0::1"], ["ff02::1"]),
    *(["2001:db8::1"], ["127.0.0.1", "2606:4700::1111"], ["nonsense"], []),
)


class Names:
    """What names lead to, one answer after the other, the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@asynccontextmanager
async def posting(**more: Any) -> AsyncIterator[SitePosts]:
    posts = SitePosts(**more)
    try:
        yield posts
    finally:
        await posts.close()


@pytest.fixture
async def sites() -> AsyncIterator[Sites]:
    async with open_sites() as opened:
        yield opened


@pytest.fixture
async def posts() -> AsyncIterator[SitePosts]:
    """Sites on this machine are let through."""
    async with posting(loopback=True) as opened:
        yield opened


@pytest.fixture
async def listener(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Listener]:
    """It listens where HTTPS is believed to be."""
    heard = Listener()
    server = await asyncio.start_server(heard.greet, "127.0.0.1", 0)
    monkeypatch.setattr(public_addresses, "HTTPS", server.sockets[0].getsockname()[1])
    monkeypatch.setattr(site_posts, "HTTPS", server.sockets[0].getsockname()[1])
    async with server:
        yield heard


async def test_exactly_these_characters_are_sent_once_with_what_goes_with_them(sites: Sites, posts: SitePosts) -> None:
    assert await posts.post(f"{sites.url}/a?b=c", BODY, {"webhook-id": "msg_1"}, NOW) == Answer("200")
    [(headers, body)] = sites.heard["/a"]
    assert body == BODY.encode()
    assert headers["webhook-id"] == "msg_1"
    assert headers["content-type"] == "application/json"
    assert "webhooks" in headers["user-agent"]


@pytest.mark.parametrize(
    ("status", "taken", "gone"),
    [(200, True, False), (204, True, False), (410, False, True), (400, False, False), (500, False, False)],
)
async def test_nothing_but_a_yes_is_one(sites: Sites, posts: SitePosts, status: int, taken: bool, gone: bool) -> None:
    sites.answers["/a"] = [status]
    answer = await posts.post(f"{sites.url}/a", BODY, {}, NOW)
    assert (answer.said, answer.taken, answer.gone) == (str(status), taken, gone)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(sites: Sites, posts: SitePosts, status: int) -> None:
    sites.answers["/a"] = [(status, {"Location": f"{sites.url}/b"})]
    answer = await posts.post(f"{sites.url}/a", BODY, {}, NOW)
    assert (answer, answer.taken) == (Answer(str(status)), False)
    assert sites.heard["/b"] == []


async def test_nothing_is_remembered_or_taken_from_the_environment(
    sites: Sites, posts: SitePosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No proxy, no cookie of a site's."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    sites.answers["/a"] = [(200, {"Set-Cookie": "seen=1; Path=/"})]
    for _ in range(2):
        assert (await posts.post(f"{sites.url}/a", BODY, {}, NOW)).taken
    assert not any("cookie" in {name.lower() for name in headers} for headers, _ in sites.heard["/a"])


@pytest.mark.parametrize(
    ("status", "said", "wait"),
    [
        (429, "120", timedelta(minutes=2)),
        (503, "Mon, 04 May 2026 13:00:00 GMT", timedelta(hours=1)),
        (503, "soon", None),
        (500, "120", None),
    ],
)
async def test_a_site_that_asks_to_be_left_alone_is_heard(
    sites: Sites, posts: SitePosts, status: int, said: str, wait: timedelta | None
) -> None:
    sites.answers["/a"] = [(status, {"Retry-After": said})]
    assert await posts.post(f"{sites.url}/a", BODY, {}, NOW) == Answer(str(status), wait)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        (None, None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("9" * 40, timedelta(seconds=10**8)),
        ("Mon, 04 May 2026 11:00:00 GMT", timedelta(0)),
        ("Mon, 04 May 2026 12:00:10", timedelta(seconds=10)),
        ("Mon, 04 May 2026 14:00:00 +0100", timedelta(hours=1)),
        ("Mon, 01 Jan 2026 00:00:00 +9999999999999", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        (
            "Fri, 31 Dec 9999 23:59:59 -2359",
            datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - NOW + timedelta(days=1, minutes=-1),
        ),
    ],
)
def test_a_time_to_wait_is_read_or_it_is_none(text: str | None, wait: timedelta | None) -> None:
    assert waiting(text, NOW) == wait


async def test_what_nobody_foresaw_is_an_answer_too_and_is_logged() -> None:
    """Messages to all other sites are under way beside it."""

    async def names(_: str) -> list[str]:
        raise ArithmeticError("unheard of")

    with capture_logs() as lines:
        async with posting(names=names) as posts:
            assert await posts.post("https://shop.example.com/a?key=1", BODY, {}, NOW) == Answer("broken")
    [line] = lines
    assert (line["log_level"], line["site"]) == ("error", "https://shop.example.com")


async def test_the_deadline_is_for_all_of_it(sites: Sites) -> None:
    ended = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n")
            for number in range(100):
                writer.write(f"X-{number}: 1\r\n".encode())
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.close()
        ended.set()

    sites.answers["/a"] = ["hang"]
    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    began = asyncio.get_running_loop().time()
    async with server, posting(loopback=True, deadline=0.4) as posts:
        for url in (f"{sites.url}/a", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"):
            assert await posts.post(url, BODY, {}, NOW) == Answer("slow")
        assert asyncio.get_running_loop().time() - began < 3
        await ended.wait()


async def test_a_name_that_takes_its_time_is_within_the_deadline() -> None:
    async def names(_: str) -> list[str]:
        await asyncio.sleep(60)
        return []

    async with posting(names=names, deadline=0.2) as posts:
        assert await posts.post("https://shop.example.com/", BODY, {}, NOW) == Answer("slow")


async def test_what_lies_behind_the_cap_is_not_read(posts: SitePosts) -> None:
    sent, ended = 0, asyncio.Event()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        with suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
            while sent < 10**9:
                writer.write(b"x" * min(65536, 100 + sent))
                await writer.drain()
                sent += min(65536, 100 + sent)
                await asyncio.sleep(0.01 if sent < CAP else 0)
        writer.close()
        ended.set()

    server = await asyncio.start_server(endless, "127.0.0.1", 0)
    async with server, asyncio.timeout(10):
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        assert (await posts.post(url, BODY, {}, NOW)).taken
        await ended.wait()
    assert sent < 10**7
    assert CAP < 10**5


async def test_what_breaks_is_told_apart(posts: SitePosts) -> None:
    async def drop(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        writer.close()

    for way, said in ((drop, "broken"), (babble, "broken")):
        server = await asyncio.start_server(way, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            assert await posts.post(f"http://127.0.0.1:{port}/", BODY, {}, NOW) == Answer(said)
    assert await posts.post(f"http://127.0.0.1:{port}/", BODY, {}, NOW) == Answer("unreachable")
    assert await posts.post("https://[::1", BODY, {}, NOW) == Answer("address")
    assert await posts.post("https://shop.example.com/", BODY, {"webhook-id": "a\r\nb: c"}, NOW) != Answer("200")


# Not one connection where it must not go


@pytest.mark.parametrize("host", HOSTILE)
async def test_no_spelling_of_an_address_is_connected_to(listener: Listener, host: str) -> None:
    """Neither net lets it through: it cannot be connected as a site, and nothing is sent to it if it were."""
    port = listener_port()
    for url in (f"https://{host}/", f"https://{host}:{port}/", f"http://{host}:{port}/", f"https://u:p@{host}/"):
        with pytest.raises(BadSite):
            site_addresses.checked(url)
        async with posting(deadline=1.0) as posts:
            assert (await posts.post(url, BODY, {}, NOW)).said in {"inside", "name", "address"}
    assert listener.connections == 0


def listener_port() -> int:
    return public_addresses.HTTPS


@pytest.mark.parametrize("found", INSIDE, ids=str)
async def test_a_name_that_leads_inside_is_not_connected_to(listener: Listener, found: list[str]) -> None:
    """With one address of several, too; such as the names that spell an address before a domain of somebody's."""
    async with posting(names=Names(found)) as posts:
        for host in ("shop.example.com", "127.0.0.1.nip.example", "7f000001.rebind.example"):
            assert await posts.post(f"https://{host}/", BODY, {}, NOW) == Answer("inside")
    assert listener.connections == 0


async def test_a_name_that_leads_elsewhere_the_second_time_is_never_connected_to(listener: Listener) -> None:
    """What was vetted is connected to, once. 3ffe::/16 is nobody's any more: nothing answers there."""
    names = Names(["3ffe::1"], ["127.0.0.1"])
    async with posting(names=names, deadline=1.0) as posts:
        first = await posts.post("https://rebind.example/", BODY, {}, NOW)
        assert first.said in {"unreachable", "slow"}
        assert names.asked == ["rebind.example"]
        for _ in range(3):
            assert await posts.post("https://rebind.example/", BODY, {}, NOW) == Answer("inside")
    assert listener.connections == 0


async def test_a_name_that_leads_nowhere_is_told_as_that() -> None:
    async def names(_: str) -> list[str]:
        raise socket.gaierror("no such name")

    async with posting(names=names) as posts:
        assert await posts.post("https://shop.example.com/", BODY, {}, NOW) == Answer("name")


async def test_names_are_asked_for_in_threads_of_their_own(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a slow name holds up no provider's."""

    async def nobody(*_: object, **__: object) -> list[object]:
        raise AssertionError

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", nobody)
    async with posting() as posts:
        assert await posts.post("https://localhost/", BODY, {}, NOW) == Answer("inside")
    assert listener.connections == 0


async def test_without_the_setting_this_machine_is_not_spoken_to(sites: Sites) -> None:
    async with posting() as posts:
        for url in (sites.url, sites.url.replace("127.0.0.1", "localhost")):
            assert await posts.post(f"{url}/a", BODY, {}, NOW) == Answer("inside")
    assert not sites.heard


async def test_with_the_setting_no_other_address_is_let_through(sites: Sites, posts: SitePosts) -> None:
    port = sites.url.rpartition(":")[2]
    for host in ("127.1", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0", "127.0.0.2"):  # noqa: S104
        assert not (await posts.post(f"http://{host}:{port}/a", BODY, {}, NOW)).taken
    assert not sites.heard


# The certificate must be the name's


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for a name that its own key has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    shown, kept = folder / "cert.pem", folder / "key.pem"
    shown.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    kept.write_bytes(key.private_bytes(*plain))
    return shown, kept


async def test_the_vetted_address_must_show_the_names_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, kept = certificate(tmp_path, "shop.example.com")
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(shown, kept)
    heard: list[str] = []

    async def take(request: web.Request) -> web.Response:
        heard.append(request.host)
        return web.Response()

    runner = web.ServerRunner(web.Server(take))  # type: ignore[arg-type]
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=theirs).start()
    monkeypatch.setattr(public_addresses, "HTTPS", runner.addresses[0][1])
    monkeypatch.setattr(public_addresses, "is_public", lambda _: True)
    names = Names(["127.0.0.1"])
    async with posting(names=names) as posts:
        assert await posts.post("https://shop.example.com/a", BODY, {}, NOW) == Answer("certificate")
    ours = ssl.create_default_context(cafile=str(shown))
    monkeypatch.setattr(site_posts, "_tls", lambda: ours)
    async with posting(names=names) as posts:
        assert await posts.post("https://shop.example.com/a", BODY, {}, NOW) == Answer("200")
        assert await posts.post("https://other.example.com/a", BODY, {}, NOW) == Answer("certificate")
    await runner.cleanup()
    assert heard == ["shop.example.com"]
