"""The chat page in a real browser: the worked example played by hand, and the panel steered from its side."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from bot.sandbox.shop import ShopProcess
from bot.sandbox.world import World, world

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 20_000

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and os.environ.get("REQUIRE_CHROMIUM") != "1",
        reason="no Chromium on this machine: install Debian's chromium to run it",
    ),
]


@pytest.fixture
async def running() -> AsyncIterator[World]:
    """A world with a bot in it, delivering ten times faster than the demo."""
    with tempfile.TemporaryDirectory() as folder:
        async with world(pace=10) as outside:
            shop = ShopProcess(outside, Path(folder))
            await shop.seed()
            await shop.start()
            try:
                yield outside
            finally:
                await shop.stop()


@pytest.fixture
async def page(running: World) -> AsyncIterator[Page]:
    """The page, open; whatever it writes to the console as an error fails the test."""
    errors: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = await browser.new_page(viewport={"width": 1280, "height": 860})
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        opened.set_default_timeout(PATIENCE)
        await opened.goto(running.url)
        yield opened
        await browser.close()
    assert errors == []


def button(page: Page, words: str) -> Locator:
    """The newest button with these words."""
    return page.get_by_test_id("button").filter(has_text=words).last


async def say(page: Page, text: str) -> None:
    await page.get_by_test_id("input").fill(text)
    await page.get_by_test_id("send").click()


async def reads(page: Page, *words: str) -> Locator:
    """Wait for a message with all these words."""
    message = page.get_by_test_id("message")
    for each in words:
        message = message.filter(has_text=each)
    await expect(message.last).to_be_visible(timeout=PATIENCE)
    return message.last


async def quoted(page: Page, word: str, quantity: str) -> None:
    """From an empty chat to the quote."""
    await page.get_by_test_id("start").click()
    for words in ("New order", "Instagram Likes", "Server A", "Order"):
        await button(page, words).click()
    await reads(page, "Instagram link")
    await say(page, f"https://instagram.com/p/{word}")
    await reads(page, "How many?")
    await say(page, quantity)
    await reads(page, "Please check your order")


async def test_the_worked_example_by_hand(running: World, page: Page) -> None:
    await quoted(page, "partial-60", "10,000")
    await reads(page, "$10.00", "$15.00")
    await button(page, "Confirm").dblclick()
    await reads(page, "stopped early", "6,000 of 10,000", "$4.00", "$19.00")
    rest = button(page, "Order the remaining 4,000")
    await expect(rest).to_contain_text("$4.00")
    await rest.dblclick()
    await reads(page, "Order #2", "Server B")
    await reads(page, "10,000 of 10,000 delivered: 6,000 on Server A, 4,000 on Server B")
    assert [len(running.panels.panels[name].accepted) for name in ("north", "south")] == [1, 1]


async def test_the_provider_is_steered_from_the_side_panel(page: Page) -> None:
    await quoted(page, "never-starts", "1000")
    await button(page, "Confirm").click()
    order = page.get_by_test_id("panel-order").first
    await order.get_by_test_id("do-stop").click()
    await reads(page, "stopped early", "600 of 1,000", "$0.40")


async def test_each_person_has_a_chat_of_their_own(page: Page) -> None:
    await quoted(page, "complete", "1000")
    await page.get_by_test_id("person-1002").click()
    await expect(page.get_by_test_id("message")).to_have_count(0)
    await page.get_by_test_id("start").click()
    await reads(page, "Omar", "$25.00")


async def test_a_page_that_comes_later_shows_the_requests_there_were(running: World, page: Page) -> None:
    catalogue = [heard for heard in running.panels["north"].heard if heard.action == "services"]
    assert catalogue
    shown = page.get_by_test_id("requests").first.get_by_test_id("request").filter(has_text="services")
    await expect(shown).to_have_count(len(catalogue))


async def test_what_was_read_in_one_chat_is_not_new_in_the_next(page: Page) -> None:
    await page.get_by_test_id("start").click()
    await reads(page, "Mia", "$25.00")
    async with page.expect_response(lambda response: "/sandbox/log" in response.url):
        await page.get_by_test_id("person-1002").click()
    async with page.expect_response(lambda response: "/sandbox/log" in response.url):
        pass
    await expect(page.get_by_test_id("person-1001").locator(".unread")).to_be_hidden()
