"""The providers at a glance: what each sells, is owed and did last, whether it is in the settings or was."""

from dataclasses import replace

from bot import upstream
from bot.settings import Settings
from services import catalog, health, overrides, panels
from services.health import Health
from services.money import Money
from services.panels import Panel
from tests.scripted_panel import row
from tests.services.test_overrides import done
from tests.shop import Shop


async def glance(shop: Shop, *providers: str) -> dict[str, Panel]:
    async with shop.db.read() as session:
        return {panel.name: panel for panel in await panels.of_shop(session, providers, shop.now())}


async def test_a_provider_says_what_it_sells_what_is_open_and_what_was_spent(shop: Shop) -> None:
    assert (await glance(shop, "north", "south", "west")) == {
        "north": Panel("north", known=True, offered=3, on_sale=3),
        "south": Panel("south", known=True, offered=2, on_sale=2),
        "west": Panel("west", known=True),
    }
    await shop.placed(1000, link="https://www.instagram.com/p/one")
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    await shop.placed(500, link="https://www.instagram.com/p/two")
    north = (await glance(shop, "north"))["north"]
    assert (north.open, north.under_way, north.spend) == (1, Money.parse("4.00"), Money.parse("4.80"))
    shop.wait(hours=25)
    north = (await glance(shop, "north"))["north"]
    assert (north.open, north.spend) == (1, Money.parse("0"))


async def test_a_provider_counts_what_is_hidden_and_what_costs_too_much(shop: Shop) -> None:
    await done(shop.db, overrides.hide, await shop.service("north", "3"), hidden=True, now=shop.now())
    one = Money.parse("8.00")
    await done(shop.db, overrides.reprice, await shop.service(), rate=one, markups={}, now=shop.now())
    async with shop.db.write() as session:
        await upstream._learn(session, "north", balance="12.5", currency="USD", synced_at=shop.now())
        await upstream._learn(session, "old", last_error="HTTP 500", last_error_at=shop.now())
    found = await glance(shop, "north", "south")
    assert found["north"] == Panel("north", True, "12.5", "USD", shop.now(), None, None, offered=3, on_sale=2, hidden=1)
    assert found["old"] == Panel("old", False, last_error="HTTP 500", last_error_at=shop.now())


async def test_a_provider_that_is_gone_from_the_settings_is_shown_as_long_as_it_was_sold_from(shop: Shop) -> None:
    async with shop.db.write() as session:
        await catalog.withdraw_strangers(session, {"north"}, shop.now())
    assert (await glance(shop, "north"))["south"] == Panel("south", known=False)


async def test_all_of_a_provider_fares_as_its_services_do_together(shop: Shop) -> None:
    await shop.completed()
    async with shop.db.read() as session:
        assert await health.of_provider(session, "north", shop.now()) == Health(ended=1)
        assert await health.of_provider(session, "nobody", shop.now()) == Health()


def test_the_settings_say_what_is_added_to_each_providers_prices() -> None:
    terms = {"url": "https://panel.example.org/api/v2", "key": "k" * 20, "markup_percent": "12.5"}
    settings = Settings(_env_file=None, bot_token=f"{424242}:{'x' * 35}", providers={"north": terms})
    assert {name: str(percent) for name, percent in settings.markups.items()} == {"north": "12.5"}
    assert replace(settings.policy, providers=()).margin_rule == "hide"
