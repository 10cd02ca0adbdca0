"""Markups and providers from a phone: what another markup would change is told first, catalogues come at once."""

from bot import upstream
from tests.handlers.phone import Phone
from tests.handlers.test_stocking import card, log, settings
from tests.scripted_panel import row
from tests.shop import Shop

__all__ = ["settings"]

LISTED = {"service": "1", "name": "Instagram Likes | Real | Server A", "category": "Instagram Likes", "rate": "4.00"}


def listed(**more: object) -> dict[str, object]:
    return {**LISTED, "type": "Default", "min": "50", "max": "1000", "refill": True, "cancel": True, **more}


async def test_a_markup_says_how_many_prices_it_changes_and_by_how_much_before_it_does(ada: Phone) -> None:
    await ada.say("/price 1 20")
    said = await ada.say("/markup north 37.5%")
    assert said.text.splitlines() == [
        "Sell all of north at its prices + 37.5 %, instead of 25 %?",
        "2 prices change, by +10.0 %. One has a price of its own and keeps it.",
    ]
    assert "Our price: $2.50" in (await card(ada, 2)).text
    await ada.tap("✅ Do it", said)
    assert said.text == "✅ north is sold at + 37.5 %. Prices changed: 2."
    assert "Our price: $2.75" in (await card(ada, 2)).text
    assert "Our price: $20.00" in (await card(ada, 1)).text
    told = (await ada.say("/markup")).text
    assert "• north: 37.5 %, set May 4, 2026, 12:00 UTC (settings: 25 %) · 1 with a price of their own" in told
    assert "• south: 25 %, from the settings" in told
    assert (await log(ada, "provider north"))[0] == "markup of north: 25 % → 37.5 %, 2 prices"
    said = await ada.say("/markup north auto")
    assert said.text.startswith("Sell all of north at its prices + 25 %, instead of 37.5 %, as the settings say?")
    await ada.tap("✅ Do it", said)
    assert "Our price: $2.50" in (await card(ada, 2)).text


async def test_a_markup_that_was_left_changes_nothing(ada: Phone) -> None:
    await ada.say("/markup north 50")
    await ada.tap("Leave it")
    assert "Our price: $10.00" in (await card(ada)).text
    assert await log(ada) == []


async def test_one_service_has_a_markup_of_its_own_and_gives_it_back(ada: Phone) -> None:
    said = await ada.say("/markup #1 50")
    assert said.text == "Sell service #1 at its cost + 50 %: $10.00 → $12.00?"
    await ada.tap("✅ Do it", said)
    assert "• Markup 50 %, whatever the panel’s is" in said.text
    said = await ada.say("/markup 1 auto")
    assert said.text == "Sell service #1 at its panel’s markup: $12.00 → $10.00?"
    await ada.tap("✅ Do it", said)
    assert "Set by hand" not in said.text
    assert await log(ada, "service 1") == [
        "service 1: markup as its panel’s, price $12.00 → $10.00",
        "service 1: markup 50 %, price $10.00 → $12.00",
    ]


async def test_a_markup_alone_is_shown(ada: Phone) -> None:
    assert "• south" not in (await ada.say("/markup north")).text
    assert (await ada.say("/markup 1")).text.startswith("#1 · Instagram Likes · Server A")


async def test_a_catalogue_is_fetched_now_and_its_counts_are_told(ada: Phone, shop: Shop) -> None:
    shop.panels["north"].services = [listed(), listed(service="77", name="New likes"), listed(service="78", type="?")]
    shop.panels["south"].services = []
    said = await ada.say("/sync")
    assert said.text.splitlines() == [
        "Catalogues",
        "✅ north: 1 new, 1 changed, 2 gone, 1 cannot be sold here",
        "⚠️ south: south offers 0 services to sell, 2 are on sale: left as they are",
    ]
    assert "Our price: $5.00" in (await card(ada)).text
    assert await log(ada) == ["catalogues of 2 fetched, 1 failed: 1 new, 1 changed, 2 gone"]
    await ada.say("/price 1 5.00")
    shop.panels["north"].services = [listed(rate="6.00"), listed(service="77", name="New likes")]
    assert (await ada.say("/sync north")).text.endswith("cannot be sold here; 📉 1 would have lost money")


async def test_a_provider_is_shown_with_what_it_has_sells_and_last_got_wrong(ada: Phone, shop: Shop) -> None:
    await shop.completed()
    await shop.placed(500, link="https://www.instagram.com/p/two")
    shop.panels["north"].services = [listed(), listed(service="3", name="Likes", rate="2.00")]
    await ada.say("/sync north")
    await ada.say("/sync south")
    said = await ada.say("/providers")
    assert said.text.splitlines()[:7] == [
        "Panels",
        "",
        "🟢 north",
        "💳 Its balance is not known yet",
        "💵 Ended in 24 hours: $8.00 · under way: $4.00 in one order",
        "📦 On sale: 2",
        "🔄 Catalogue of May 4, 2026, 12:00 UTC",
    ]
    assert "⚠️ May 4, 2026, 12:00 UTC: other: Incorrect action services" in said.text
    await ada.tap("north")
    assert "Offered: 2 · hidden by hand: 0 · cost more than our price: 0" in ada.last.text
    assert "Markup: 25 % · with a price of their own: 0" in ada.last.text
    assert "All of north: 1 ended, 1 completed" in ada.last.text
    await ada.tap("📦 Its services")
    assert ada.last.text == "“north”: 3 services, 0 categories"
    assert (await ada.say("/provider north")).text.startswith("🟢 north\n")


async def test_a_catalogue_is_fetched_from_the_card_of_its_provider(ada: Phone, shop: Shop) -> None:
    shop.panels["north"].services = [listed(), listed(service="3", name="Likes", rate="2.00")]
    await ada.say("/provider north")
    await ada.tap("🔄 Fetch its catalogue now")
    assert ada.last.text.startswith("✅ north: 0 new, 2 changed, 1 gone, 0 cannot be sold here\n\n🟢 north")
    assert await log(ada, "provider north") == ["catalogues of 1 fetched, 0 failed: 0 new, 2 changed, 1 gone"]


async def test_a_provider_that_is_gone_is_shown_without_what_cannot_be_done_and_any_name_can_be_asked_for(
    ada: Phone, shop: Shop
) -> None:
    name = "x" * 60
    async with shop.db.write() as session:
        for gone in (name, "old"):
            await upstream._learn(session, gone, balance="1.5", currency="EUR")
    said = await ada.say("/providers")
    assert said.labels == ["north", "old", "south"]
    assert "⛔️ old · not in the settings\n💳 Balance: 1.5 EUR\n" in said.text
    assert (await ada.say("/provider old")).labels == ["📦 Its services", "🔄 Refresh"]
    assert (await ada.say(f"/provider {name}")).labels == []
    assert "is no panel in the settings" in (await ada.say("/sync old")).text


async def test_many_providers_are_told_of_in_part_and_each_has_its_button(ada: Phone, shop: Shop) -> None:
    async with shop.db.write() as session:
        for number in range(10):
            error = "<oops> " * 200
            await upstream._learn(session, f"p{number}", last_error=error, last_error_at=shop.now())
    said = await ada.say("/providers")
    assert len(said.labels) == 12
    assert "4 more are only among the buttons." in said.text


async def test_orders_go_on_at_the_price_they_were_made_at(ada: Phone, shop: Shop) -> None:
    """Half is delivered at the old price after it was doubled: half of the old price comes back."""
    order = await shop.placed(1000)
    await ada.say("/price 1 20")
    shop.north.rows["1"] = row("Partial", "500")
    await shop.poll()
    assert (await shop.order(order)).refunded.micros == 5_000_000
    await shop.audit()
