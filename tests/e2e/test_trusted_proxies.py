"""Whose call it is behind reverse proxies, over real HTTP: a trusted proxy's word counts, nobody else's does."""

import socket
from collections.abc import AsyncIterator

import pytest

from handlers.http import trusted_proxies
from services import api_keys, networks
from services.db import Database
from tests.e2e.panel_site import Site, document, open_site
from tests.shop import MIA

CLIENT, CLIENT_6 = "198.51.100.7", "2001:db8::7"
ELSEWHERE = "203.0.113.9"
INNER = "10.0.0.5"
"""A proxy in front of the one that the shop sees, trusted as it is."""
TRUSTED = f"127.0.0.1,::1,{INNER}/8"
REFUSED = {"error": "This API key may not be used from your address"}


@pytest.fixture
async def behind(db: Database) -> AsyncIterator[Site]:
    """The API behind a proxy on this machine, with a key that is Mia's customers' site's alone."""
    async with open_site(db, proxies=networks.listed(TRUSTED)) as opened:
        await bind(opened, f"{CLIENT} {CLIENT_6}")
        yield opened


async def bind(site: Site, where: str) -> None:
    """Let the key be used from there alone."""
    async with site.shop.db.write() as session:
        [key] = await api_keys.listed(session, MIA, site.shop.time)
        await api_keys.bind(session, MIA, key.id, where, site.shop.time)


async def admitted(site: Site, *headers: str) -> bool:
    """Whether the key opens the API to a call with these X-Forwarded-For."""
    form = {"key": site.key, "action": "balance"}
    sent = [(trusted_proxies.HEADER, header) for header in headers]
    told = document(await site.http.post(site.url, data=form, headers=sent))
    assert told in ({"balance": "25.00", "currency": "USD"}, REFUSED)
    return bool(told != REFUSED)


@pytest.mark.parametrize(
    "headers",
    [
        *([CLIENT], [f",{CLIENT} ,"], [f"{CLIENT}:4711"], [f"::ffff:{CLIENT}"], [f"[::ffff:{CLIENT}]:80"]),
        *([CLIENT_6], [f"[{CLIENT_6}]"], [f"[{CLIENT_6}]:4711"], ["2001:DB8:0:0:0:0:0:7"]),
        *([f"{ELSEWHERE}, {CLIENT}"], [ELSEWHERE, CLIENT], [f"{ELSEWHERE},{CLIENT}", INNER], [f"junk, {CLIENT}"]),
        *([f"{CLIENT}, {INNER}"], [CLIENT, f"{INNER}:80, 127.0.0.1"], [f"{CLIENT},[::1]:9,::1"], [f"{CLIENT}, ,"]),
    ],
)
async def test_the_client_is_the_rightmost_that_is_no_trusted_proxy(behind: Site, headers: list[str]) -> None:
    assert await admitted(behind, *headers)


@pytest.mark.parametrize(
    "headers",
    [
        *([], [""], [", ,"], [ELSEWHERE], [INNER], [f"{INNER}, 127.0.0.1"]),
        *(
            [f"{CLIENT}, {ELSEWHERE}"],
            [CLIENT, ELSEWHERE],
            [f"{CLIENT}, {ELSEWHERE}, {INNER}"],
            [CLIENT, "2001:db8::8"],
        ),
        *(
            [f"{CLIENT}, unknown"],
            [f"{CLIENT}, {INNER}x"],
            [f"{CLIENT}, []"],
            [f"[{CLIENT_6}"],
            [f"{CLIENT_6}:4711:0:0"],
        ),
        *(
            [f"{CLIENT}:"],
            [f"{CLIENT}:port"],
            [f"{CLIENT}:4711:1"],
            [f"{CLIENT}/32"],
            ["198.51.100.007"],
            [f"x{CLIENT}"],
        ),
        *([f"{CLIENT};{CLIENT}"], [f'"{CLIENT}"'], [f"for={CLIENT}"]),
    ],
)
async def test_nothing_left_of_that_counts_and_junk_says_nothing(behind: Site, headers: list[str]) -> None:
    assert not await admitted(behind, *headers)


@pytest.mark.parametrize("header", ["", "unknown", f"{CLIENT}, junk", f"{INNER}, 127.0.0.1"])
async def test_where_a_trusted_proxy_does_not_say_it_is_the_one_that_asks(behind: Site, header: str) -> None:
    await bind(behind, "127.0.0.1")
    assert await admitted(behind, header)
    assert not await admitted(behind, CLIENT)


async def test_whoever_is_not_trusted_is_who_they_are_whatever_they_say(db: Database) -> None:
    async with open_site(db, proxies=networks.listed(f"{INNER}, ::/0")) as site:
        await bind(site, f"{CLIENT} {CLIENT_6}")
        for said in (CLIENT, CLIENT_6, f"{CLIENT}, {INNER}", "127.0.0.1"):
            assert not await admitted(site, said), said
        await bind(site, "127.0.0.1")
        for said in ("", CLIENT, ELSEWHERE, f"{CLIENT}, {INNER}"):
            assert await admitted(site, said), said


async def test_a_proxy_that_comes_by_ipv6_is_trusted_alike(db: Database) -> None:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            pass
    except OSError as error:
        pytest.skip(f"this machine has no IPv6: {error}")
    async with open_site(db, proxies=networks.listed(TRUSTED), host="::1") as site:
        site.url = site.url.replace("127.0.0.1", "[::1]")
        await bind(site, CLIENT)
        assert await admitted(site, CLIENT)
        assert not await admitted(site, f"{CLIENT}, {ELSEWHERE}")
        assert not await admitted(site)
        await bind(site, "::1")
        assert await admitted(site)


async def test_a_stranger_behind_the_proxy_slows_nobody_else_down(behind: Site) -> None:
    """Wrong keys are counted by who sends them: behind one proxy all would pay for one."""

    async def guess(said: str) -> dict[str, str]:
        form = {"key": "psk_wrong", "action": "balance"}
        told: dict[str, str] = document(
            await behind.http.post(behind.url, data=form, headers={trusted_proxies.HEADER: said})
        )
        return told

    for _ in range(60):
        assert await guess(ELSEWHERE) == {"error": "Invalid API key"}
    assert await guess(ELSEWHERE) == {"error": "Too many requests, please try again later"}
    assert await guess(CLIENT) == {"error": "Invalid API key"}
