"""The reseller's site in a real browser: one purchase, and the whole chain on one screen, by itself."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from bot.sandbox.shop import ShopProcess
from bot.sandbox.world import World, world
from tests.e2e import test_page
from tests.e2e.test_page import CHROMIUM, FLAGS, PATIENCE

pytestmark = test_page.pytestmark


@pytest.fixture
async def running() -> AsyncIterator[World]:
    """The demo's world, ten times faster: Rhea's site is connected."""
    with tempfile.TemporaryDirectory() as folder:
        async with world(pace=10) as outside:
            shop = ShopProcess(outside, Path(folder))
            await shop.seed()
            await shop.open_site()
            await shop.start()
            try:
                yield outside
            finally:
                await shop.stop()


async def test_the_correction_flows_down_to_the_resellers_customer(running: World) -> None:
    errors: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.set_default_timeout(PATIENCE)
        await page.goto(running.url)
        link = page.get_by_test_id("site")
        assert await link.get_attribute("href") == "/site"
        await page.goto(f"{running.url}/site")
        await expect(page.get_by_test_id("buy")).to_have_text("Buy for $15.00", timeout=PATIENCE)
        await page.get_by_test_id("buy").click()
        ends = {"provider": "6,000", "shop": "$4.00", "site": "$6.00", "customer": "$16.00"}
        for card, figure in ends.items():
            shown = page.get_by_test_id(card).get_by_test_id("figure")
            await expect(shown).to_have_text(figure, timeout=PATIENCE)
        await expect(page.locator('[data-testid="told"][data-mark="verified"]').first).to_contain_text("order.partial")
        assert await page.evaluate("document.documentElement.scrollWidth") == 390
        await browser.close()
    assert errors == []
