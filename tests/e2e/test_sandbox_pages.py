"""The sandbox's pages say to the shop what the word of their link promises, on every platform."""

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.pages import DOMAINS
from bot.sandbox.world import world
from bot.settings import Settings
from services import links
from services.link_check import LinkCheck
from services.page_signs import Code


@pytest.fixture
async def hosts() -> AsyncIterator[dict[str, str]]:
    """The setting as a shop in the sandbox reads it."""
    async with world() as outside:
        told = outside.environment("sqlite:///shop.db")
        chosen = {name.lower(): told[name] for name in ("BOT_TOKEN", "LINK_CHECK_HOSTS")}
        yield Settings(_env_file=None, **chosen).link_check_hosts  # type: ignore[arg-type]


TELLING = {"instagram.com", "tiktok.com", "youtube.com", "x.com", "twitter.com"}
NAMED = {"tiktok.com": "@mia", "youtube.com": "@mia", "spotify.com": "track"}


def test_every_platform_has_pages() -> None:
    for platform in links.PLATFORMS.values():
        assert set(platform.domains) & set(DOMAINS)


@pytest.mark.parametrize("word", ["complete", "partial-60", "deleted", "unclear", "private"])
@pytest.mark.parametrize("domain", DOMAINS)
async def test_each_word_shows_what_it_promises(hosts: dict[str, str], domain: str, word: str) -> None:
    expected: dict[str, Code] = {
        "deleted": "gone",
        "unclear": "unclear",
        "private": "private" if domain in TELLING else "unclear",
    }
    check = LinkCheck(hosts, deadline=10.0)
    link = f"https://{domain}/{NAMED.get(domain, 'p')}/{word}"
    assert await check.codes([link]) == {link: expected.get(word, "there")}
    await check.close()


@pytest.mark.parametrize(
    "link", ["https://instagram.com/p/renamed", "https://instagram.com/renamed", "https://x.com/renamed"]
)
async def test_a_renamed_link_leads_on_to_another_name(hosts: dict[str, str], link: str) -> None:
    check = LinkCheck(hosts, deadline=10.0)
    assert await check.codes([link]) == {link: "renamed"}
    await check.close()


async def test_a_private_page_is_made_public_in_time(hosts: dict[str, str]) -> None:
    check = LinkCheck(hosts, deadline=10.0)
    link = "https://instagram.com/p/anew/private"
    codes = [(await check.codes([link], no_older=0))[link] for _ in range(4)]
    assert codes == ["private", "private", "there", "private"]
    await check.close()
