"""The check of a link: real HTTP on the loopback for what pages say; and not one connection to where it must not go."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import pytest
from aiohttp import web

from services import link_check, public_addresses
from services.link_check import LinkCheck, page_of
from services.page_signs import Code
from services.public_addresses import NotPublic, PublicTransport
from tests.hostile import HOSTILE, Listener
from tests.page_site import PRIVATE, SHOWN, Site, open_site, page, shown, to

DISGUISED = (
    *("www.instagram.com@127.0.0.1", "www.instagram.com:443@127.0.0.1", "127.0.0.1#.instagram.com"),
    *(
        "127.0.0.1/.instagram.com",
        "127.0.0.1?.instagram.com",
        "127.0.0.1\\.instagram.com",
        "127.0.0.1%00.instagram.com",
    ),
    *("127.0.0.1%2f.instagram.com", "127.0.0.1 .instagram.com", "127.0.0.1\t.instagram.com", "127.0.0.1:443"),
    *("instagram.com.127.0.0.1", "evil-instagram.com", "instagram.com.evil.example", "www.instagram.com:8443"),
    *("www.instagram.com.", "[::1].instagram.com", "instagram.com%2eevil.example", "ınstagram.com"),
)


@pytest.fixture
async def listener(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Listener]:
    """It listens where the check believes HTTPS to be."""
    heard = Listener()
    server = await asyncio.start_server(heard.greet, "127.0.0.1", 0)
    monkeypatch.setattr(public_addresses, "HTTPS", server.sockets[0].getsockname()[1])
    async with server:
        yield heard


@asynccontextmanager
async def checking(**more: Any) -> AsyncIterator[LinkCheck]:
    check = LinkCheck(**more)
    try:
        yield check
    finally:
        await check.close()


def names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """What names lead to, one answer after the other, the last one for ever; returns what was asked for."""
    asked: list[str] = []

    async def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET6 if ":" in each else socket.AF_INET, 1, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("host", HOSTILE + DISGUISED)
async def test_no_spelling_of_a_host_gets_past_the_list_of_platforms(listener: Listener, host: str) -> None:
    links = [f"{scheme}://{host}/p/x" for scheme in ("https", "http")]
    async with checking(deadline=1.0) as check:
        assert set((await check.codes(links)).values()) == {"unclear"}
    assert listener.connections == 0
    assert not any(map(page_of, links))


@pytest.mark.parametrize("host", HOSTILE)
async def test_no_spelling_of_an_address_is_connected_to(listener: Listener, host: str) -> None:
    """The net under the list of platforms."""
    async with httpx.AsyncClient(transport=PublicTransport(link_check._tls()), timeout=1.0) as http:
        with pytest.raises((NotPublic, httpx.InvalidURL)):
            await http.get(f"https://{host}/")
    assert listener.connections == 0


@pytest.mark.parametrize("url", ["http://www.instagram.com/", "https://www.instagram.com:8443/"])
async def test_nothing_but_plain_https_is_spoken(listener: Listener, url: str) -> None:
    async with httpx.AsyncClient(transport=PublicTransport(link_check._tls())) as http:
        with pytest.raises(NotPublic):
            await http.get(url)


@pytest.mark.parametrize(
    "found",
    [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"], ["2002:7f00:1::"], []],
    ids=str,
)
async def test_a_platforms_name_that_leads_inside_is_not_connected_to(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, found: list[str]
) -> None:
    names(monkeypatch, found)
    async with checking() as check:
        assert await check.codes(["https://www.instagram.com/p/x"]) == {"https://www.instagram.com/p/x": "unclear"}
    assert listener.connections == 0


async def test_a_name_that_leads_elsewhere_the_second_time_is_asked_for_once(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was vetted is connected to. 3ffe::/16 is nobody's any more: nothing answers there."""
    asked = names(monkeypatch, ["3ffe::1"], ["127.0.0.1"])
    async with checking(deadline=1.0) as check:
        assert await check.codes(["https://www.instagram.com/p/x"]) == {"https://www.instagram.com/p/x": "unclear"}
    assert listener.connections == 0
    assert asked == ["www.instagram.com"]


async def test_the_vetted_address_is_spoken_to_by_the_name(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the certificate must be the name's."""
    names(monkeypatch, ["127.0.0.1"])
    monkeypatch.setattr(public_addresses, "is_public", lambda address: True)
    async with checking() as check:
        await check.codes(["https://www.instagram.com/p/x"])
    assert listener.connections == 1
    assert b"www.instagram.com" in listener.heard


async def test_a_name_without_an_address_is_unclear(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getaddrinfo(*_: object, **__: object) -> list[object]:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    async with checking() as check:
        assert await check.codes(["https://www.instagram.com/p/x"]) == {"https://www.instagram.com/p/x": "unclear"}


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as opened:
        yield opened


@pytest.fixture
async def check(site: Site) -> AsyncIterator[LinkCheck]:
    async with checking(stand_ins=dict.fromkeys(("instagram.com", "youtube.com"), site.url), deadline=5.0) as opened:
        yield opened


async def code(check: LinkCheck, path: str) -> Code:
    link = f"https://www.instagram.com{path}"
    return (await check.codes([link]))[link]


ANSWERS: dict[str, tuple[Callable[[web.Request], Any], Code]] = {
    "there": (lambda _: page(SHOWN), "there"),
    "gone": (lambda _: page("<title>Page Not Found</title>", 404), "gone"),
    "private": (lambda _: page(PRIVATE), "private"),
    "renamed": (to("https://www.instagram.com/p/other/"), "renamed"),
    "renamed-here": (to("/p/other/"), "renamed"),
    "login": (to("https://www.instagram.com/accounts/login/?next=%2Fp%2Fx"), "unclear"),
    "other-platform": (
        lambda request: shown(request) if request.query else to("https://www.youtube.com/p/asked?there")(request),
        "unclear",
    ),
    "off-the-list": (to("https://evil.example/p/asked"), "unclear"),
    "to-http": (to("http://www.instagram.com/p/asked"), "unclear"),
    "to-loopback": (to("http://127.0.0.1/p/asked"), "unclear"),
    "broken-location": (to("https://[::1/p/asked"), "unclear"),
    "no-location": (lambda _: page("", 302), "unclear"),
    "in-circles": (to("/p/asked"), "unclear"),
    "too-many": (lambda _: page(SHOWN, 429), "unclear"),
    "broken": (lambda _: page(SHOWN, 503), "unclear"),
    "json": (lambda _: web.json_response({"is_private": True}), "unclear"),
    "packed": (
        lambda _: web.Response(
            body=gzip.compress(SHOWN.encode()), content_type="text/html", headers={"Content-Encoding": "gzip"}
        ),
        "unclear",
    ),
}


@pytest.mark.parametrize(("answer", "expected"), ANSWERS.values(), ids=ANSWERS)
async def test_each_answer_has_its_code(
    site: Site, check: LinkCheck, answer: Callable[[web.Request], Any], expected: Code
) -> None:
    site.answers["/p/asked"] = answer
    assert await code(check, "/p/asked") == expected
    assert len(site.asked) <= 1 + link_check.HOPS


async def test_a_redirect_to_the_same_target_is_followed_and_its_query_kept(site: Site, check: LinkCheck) -> None:
    site.answers["/p/asked"] = to("https://instagram.com/mia/p/asked/?hl=en#top")
    site.answers["/mia/p/asked/"] = lambda _: page(PRIVATE)
    assert await code(check, "/p/asked?igsh=1") == "private"
    assert site.asked == ["/p/asked?igsh=1", "/mia/p/asked/?hl=en"]


async def test_a_domain_without_a_stand_in_is_not_asked(site: Site, check: LinkCheck) -> None:
    links = ["https://www.tiktok.com/@mia", "https://ig.me/mia"]
    assert set((await check.codes(links)).values()) == {"unclear"}
    assert site.asked == []


async def test_it_says_who_it_is(site: Site, check: LinkCheck) -> None:
    await code(check, "/p/x")
    assert [agent for agent in site.agents if "link check" in agent] == list(site.agents)


async def test_what_lies_behind_the_cap_is_not_read(site: Site, check: LinkCheck) -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": "text/html"})
        with suppress(ConnectionError):
            await response.prepare(request)
            while sent < 64 * link_check.CAP:
                await response.write(b" " * 65536)
                sent += 65536
        return response

    site.answers["/p/asked"] = endless
    assert await code(check, "/p/asked") == "unclear"
    assert sent < 16 * link_check.CAP


async def drip(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/html"})
    with suppress(ConnectionError):
        await response.prepare(request)
        for _ in range(100):
            await response.write(b" ")
            await asyncio.sleep(0.05)
    return response


async def test_the_deadline_is_for_all_links_together_and_the_quick_ones_are_told(site: Site) -> None:
    site.answers["/p/slow"] = drip
    links = [f"https://www.instagram.com/p/{name}" for name in ("slow", "quick")]
    began = asyncio.get_running_loop().time()
    async with checking(stand_ins={"instagram.com": site.url}, deadline=0.6) as check:
        assert list((await check.codes(links)).values()) == ["unclear", "there"]
    assert asyncio.get_running_loop().time() - began < 3


async def test_few_at_once_and_not_too_many_in_all(site: Site, check: LinkCheck) -> None:
    async def slowly(_: web.Request) -> web.Response:
        await asyncio.sleep(0.02)
        return page(SHOWN)

    links = [f"https://www.instagram.com/p/{number}" for number in range(link_check.MOST + 5)]
    site.answers = {f"/p/{number}": slowly for number in range(len(links))}
    codes = await check.codes(links)
    assert site.most == link_check.AT_ONCE
    assert list(codes.values()) == ["there"] * link_check.MOST + ["unclear"] * 5


async def test_an_answer_is_good_for_some_minutes_unless_a_newer_one_is_asked_for(
    site: Site,
) -> None:
    hour = [0.0]
    async with checking(stand_ins={"instagram.com": site.url}, clock=lambda: hour[0], deadline=5.0) as check:
        assert await code(check, "/p/x") == "there"
        site.answers["/p/x"] = lambda _: page(PRIVATE)
        hour[0] = link_check.KEPT - 1
        assert await code(check, "/p/x") == "there"
        link = "https://www.instagram.com/p/x"
        assert await check.codes([link], no_older=60) == {link: "private"}
        hour[0] += link_check.KEPT - 1
        assert await code(check, "/p/x") == "private"
        hour[0] += 2
        await code(check, "/p/x")
    assert len(site.asked) == 3


async def test_only_so_many_answers_are_kept(site: Site, check: LinkCheck, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_check, "REMEMBERED", 2)
    for path in ("/p/1", "/p/2", "/p/3", "/p/2", "/p/1"):
        await code(check, path)
    assert site.asked == ["/p/1", "/p/2", "/p/3", "/p/1"]


async def test_a_server_that_is_not_there_is_unclear() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with checking(stand_ins={"instagram.com": origin}) as check:
            assert await code(check, "/p/x") == "unclear"


@pytest.mark.parametrize(
    "link",
    [
        "ftp://www.instagram.com/p/x",
        "https://[::1",
        "www.instagram.com/p/x",
        "https://",
        "",
        "https://t.me/" + "x" * 600,
    ],
)
def test_what_is_no_link_of_a_platform_has_no_page(link: str) -> None:
    assert page_of(link) is None
