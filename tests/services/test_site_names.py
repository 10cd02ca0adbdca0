"""Laws of the names of resellers' sites: asked for once at a time, and one that hangs holds up no other."""

import asyncio
import socket
import threading
from collections import Counter

import pytest

from services import site_posts
from services.site_posts import Answer
from tests.conftest import NOW
from tests.services.test_site_posts import BODY, posting


async def test_names_that_hang_hold_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is asked for once, by all who want it; whoever comes after its deadline hears so at once."""
    released, asked = threading.Event(), Counter[str]()

    def look_up(host: str) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        asked[host] += 1
        if host.startswith("dead"):
            released.wait(20)
            raise socket.gaierror("no such name")
        return [(0, 0, 0, "", ("127.0.0.1", 443))]

    monkeypatch.setattr(site_posts, "_look_up", look_up)
    monkeypatch.setattr(site_posts, "LOOKUPS", 5)
    dead = [f"https://dead{number}.example/" for number in range(4)]
    loop = asyncio.get_running_loop()
    async with posting(deadline=0.5) as posts:
        hang = [loop.create_task(posts.post(url, BODY, {}, NOW)) for url in dead * 4]
        await asyncio.sleep(0)
        assert await posts.post("https://healthy.example/", BODY, {}, NOW) == Answer("inside")
        assert set(await asyncio.gather(*hang)) == {Answer("slow")}
        began = loop.time()
        assert {await posts.post(url, BODY, {}, NOW) for url in dead * 4} == {Answer("name")}
        assert loop.time() - began < 0.4
        assert await posts.post("https://healthy.example/", BODY, {}, NOW) == Answer("inside")
        assert asked == {**{f"dead{number}.example": 1 for number in range(4)}, "healthy.example": 2}
        released.set()
        async with asyncio.timeout(10):
            while posts._lookups:  # noqa: ASYNC110  the threads make it so
                await asyncio.sleep(0.01)
        assert await posts.post(dead[0], BODY, {}, NOW) == Answer("name")
        assert asked["dead0.example"] == 2


async def test_who_closes_waits_for_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for one that is asked for nor for one that is to be."""
    released = threading.Event()
    monkeypatch.setattr(site_posts, "_look_up", lambda _: released.wait(20))
    monkeypatch.setattr(site_posts, "LOOKUPS", 1)
    async with posting(deadline=0.2) as posts:
        urls = ("https://a.example/", "https://b.example/")
        assert {await posts.post(url, BODY, {}, NOW) for url in urls} == {Answer("slow")}
    async with asyncio.timeout(10):
        while "b.example" in posts._lookups:  # noqa: ASYNC110  the loop makes it so
            await asyncio.sleep(0.01)
    assert list(posts._lookups) == ["a.example"]
    released.set()
