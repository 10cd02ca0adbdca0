"""Packages in the chat: a price per package, no question about quantity, whole or money back."""

from collections.abc import Awaitable, Callable

import pytest

from tests.handlers.phone import Phone, Shown
from tests.scripted_panel import row
from tests.shop import Shop, offered

LINK = "https://www.instagram.com/p/abc"
Deliver = Callable[[], Awaitable[None]]


@pytest.fixture(autouse=True)
async def packages(shop: Shop) -> None:
    """A category of packages, and one package among the likes."""
    north = {"type": "Package", "min": 1, "max": 1, "name": "Instagram Packages | Starter: 1K + 500 | Server A"}
    south = {"type": "Package", "min": 1, "max": 1, "name": "Instagram Packages | Starter Plus | Server B"}
    likes = {"type": "Package", "min": 1, "max": 1, "name": "Instagram Likes | Bundle | Server X"}
    await shop.stock(
        "north",
        offered("70", "Instagram Packages", "A", "2.40", **north),
        offered("71", "Instagram Likes", "X", "1.00", **likes),
    )
    await shop.stock("south", offered("70", "Instagram Packages", "B", "3.20", **south))


async def to_quote(mia: Phone) -> Shown:
    await mia.say("/new")
    await mia.tap("Instagram Packages")
    await mia.tap("Server A")
    await mia.tap("🛒 Order")
    return await mia.say(LINK)


async def test_prices_say_what_they_are_for(mia: Phone) -> None:
    await mia.say("/new")
    assert mia.last.text.endswith("Prices are per 1,000, or per package where it says so.")
    assert "Instagram Packages · from $3.00 a package" in mia.last.labels
    assert "Instagram Likes · from $2.50/1K" in mia.last.labels, "the lowest rate per 1,000, whatever a package costs"
    await mia.tap("Instagram Likes")
    assert mia.last.text.endswith("Prices are per 1,000, or per package where it says so.")
    assert "Server X · $1.25 a package · Bundle" in mia.last.labels
    await mia.say("/new")
    await mia.tap("Instagram Packages")
    assert mia.last.text.endswith("Pick a server. Prices are per package.")
    assert mia.last.labels[0] == "Server A · $3.00 a package · Starter: 1K + 500"
    await mia.tap("Server A")
    assert "Price: $3.00 per package" in mia.last.text.splitlines()
    assert "Quantity:" not in mia.last.text


async def test_the_link_leads_straight_to_the_quote_and_back(mia: Phone, shop: Shop, deliver: Deliver) -> None:
    quote = await to_quote(mia)
    for fact in ("Quantity: 1 package", "Price: $3.00", "Balance after: $22.00"):
        assert fact in quote.text.splitlines()
    assert quote.text.endswith("Tap Confirm to order.")
    await mia.tap("‹ Back")
    assert "You gave this link before" in quote.text
    await mia.tap("Keep this link")
    assert "Price: $3.00" in quote.text
    await mia.tap("Confirm")
    await deliver()
    assert "0 of 1 package delivered" in quote.text.splitlines()
    assert await shop.balance() == "22.00"


async def test_a_number_at_the_quote_of_a_package_brings_it_back_and_a_link_changes_the_link(mia: Phone) -> None:
    await to_quote(mia)
    again = await mia.say("5")
    assert again.text.startswith("Sorry, I did not understand that.\nYour order is as it was:")
    assert "Quantity: 1 package" in again.text
    assert "instagram.com/p/other" in (await mia.say("https://www.instagram.com/p/other")).text


async def test_a_package_that_is_not_whole_says_why_all_is_back_and_offers_another(
    mia: Phone, shop: Shop, deliver: Deliver
) -> None:
    await to_quote(mia)
    await mia.tap("Confirm")
    await shop.submit()
    shop.north.rows["1"] = row("Partial", "300")
    await shop.poll()
    await deliver()
    notice = mia.saying("stopped early\n")
    assert notice.text.splitlines()[3:7] == [
        "Delivered: 0 of 1 package",
        "A package counts only when it was delivered whole.",
        "Back in your wallet: $3.00",
        "Balance now: $25.00",
    ]
    assert notice.labels[0] == "Order Starter Plus · Server B · $4.00 ($1.00 more)"
    await mia.tap("Why did this happen?", notice)
    assert "1 package ordered for $3.00" in mia.last.text.splitlines()
    assert "A package counts only when it was delivered whole." in mia.last.text.splitlines()
    await mia.tap("Choose another service", notice)
    assert mia.last.text.startswith("Order the remaining 1 package")
    assert mia.last.labels[0] == "Server B · Starter Plus · $4.00 ($1.00 more)"
    assert await mia.tap("Server B") == ("Ordered: 1 package on Server B. You can undo it for 10 seconds.", False)
    shop.wait(seconds=11)
    await shop.submit()
    shop.panels["south"].rows["1"] = row("Completed", "0")
    await shop.poll()
    await deliver()
    assert "1 of 1 package delivered" in mia.saying("is complete").text
    await mia.say("/orders")
    assert mia.last.labels[0].endswith("1 of 1 package")
