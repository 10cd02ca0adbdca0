"""Prices told ahead, from a phone: when they come, who set them, called off, hastened, and refused at their moment."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest
from aiogram import Bot, Dispatcher

from bot.settings import Settings
from services import coming_prices, stock
from services.roles import Role
from tests.handlers import staff as crew
from tests.handlers.conftest import TOKEN
from tests.handlers.phone import Line, Phone
from tests.handlers.test_stocking import TERMS, card, log, shelf
from tests.shop import ADMIN, CATALOGUE, Shop, offered

Deliver = Callable[[], Awaitable[None]]
CALL_OFF, NOW = "✖️ Call off the coming price", "⏩ Now, without notice"
COMING = "⏳ From May 6, 2026, 12:00 UTC: $12.00"


@pytest.fixture
def settings() -> Settings:
    """A shop that tells prices two days ahead."""
    panels = {"north": TERMS, "south": TERMS}
    return Settings(
        _env_file=None, bot_token=TOKEN, admin_ids=frozenset({ADMIN}), providers=panels, price_notice_hours=48
    )


async def come(shop: Shop, **later: float) -> None:
    """Let time pass, and what is due come."""
    shop.wait(**later)
    markups = {"north": Decimal(25)}
    async with shop.db.write() as session:
        await coming_prices.come_due(session, 1, markups=markups, admins=shop.policy.admins, now=shop.now())


async def test_a_price_that_rises_says_when_it_comes_and_comes_then(ada: Phone, mia: Phone, shop: Shop) -> None:
    said = await ada.say("/price 1 12.00")
    assert said.text.splitlines()[0] == (
        "⏳ Price: $10.00 until May 6, 2026, 12:00 UTC, $12.00 from then on. The sites of resellers are told so now."
    )
    assert f"Our price: $10.00 per 1,000\n{COMING}\n" in said.text
    assert said.labels[:2] == [CALL_OFF, NOW]
    assert (await shelf(mia))[0] == "Server A · $10.00/1K · Real"
    await come(shop, hours=48)
    shown = await card(ada)
    assert "Our price: $12.00 per 1,000\nCost: " in shown.text
    assert CALL_OFF not in shown.labels
    assert (await shelf(mia))[0] == "Server A · $12.00/1K · Real"
    assert await log(ada, "service 1") == [
        "service 1: price $10.00 → $12.00, as set 2026-05-04 12:00 UTC",
        "service 1: price $10.00 → $12.00 from 2026-05-06 12:00 UTC",
    ]


async def test_a_lower_price_is_in_force_at_once(ada: Phone) -> None:
    assert (await ada.say("/price 1 9.00")).text.startswith("✅ Price: $10.00 → $9.00\n")
    said = await ada.say("/price 1 auto")
    assert said.text.startswith("⏳ Price: $9.00 until May 6, 2026, 12:00 UTC, $10.00 from then on.")


async def test_a_message_handed_in_twice_announces_once(ada: Phone, shop: Shop) -> None:
    await ada.say("/price 1 12.00", message_id=77)
    shop.wait(hours=1)
    said = await ada.say("/price 1 12.00", message_id=77)
    assert said.text.startswith("#1 · ")
    assert COMING in said.text
    assert len(await log(ada)) == 1


async def test_an_announced_price_is_called_off_with_a_tap_once(ada: Phone, shop: Shop) -> None:
    shown = await ada.say("/price 1 12.00")
    tap = ada.tapping(shown.data(CALL_OFF), shown)
    for _ in range(2):
        await ada._feed(tap)
    assert CALL_OFF not in ada.last.labels
    assert "Our price: $10.00 per 1,000\nCost: " in ada.last.text
    await come(shop, hours=48)
    assert "Our price: $10.00" in (await card(ada)).text
    assert (await log(ada))[0] == "service 1: price stays $10.00, not $12.00 from 2026-05-06 12:00 UTC"
    assert len(await log(ada)) == 2


async def test_calling_off_says_what_stays(ada: Phone) -> None:
    await ada.say("/price 1 12.00")
    await ada.tap(CALL_OFF)
    assert ada.last.text.startswith(
        "✅ The price stays $10.00: $12.00 does not come, and the sites of resellers are told so.\n\n#1 "
    )


async def test_an_owner_in_need_puts_it_in_force_at_once(ada: Phone, mia: Phone) -> None:
    shown = await ada.say("/price 1 12.00")
    tap = ada.tapping(shown.data(NOW), shown)
    await ada._feed(tap)
    assert ada.last.text.startswith("✅ Price: $10.00 → $12.00\n\n#1 ")
    assert "⏳" not in ada.last.text
    await ada._feed(tap)
    assert (await shelf(mia))[0] == "Server A · $12.00/1K · Real"
    assert (await log(ada))[0] == "service 1: price $10.00 → $12.00 without notice"
    assert len(await log(ada)) == 2


async def test_a_button_under_an_older_announcement_does_nothing_to_a_newer_one(ada: Phone, shop: Shop) -> None:
    older = await ada.say("/price 1 12.00")
    shop.wait(hours=1)
    await ada.say("/price 1 13.00")
    for button in (CALL_OFF, NOW):
        text, _ = await ada.tap(button, older)
        assert "That has changed since you were asked." in (text or ada.last.text)
    assert "⏳ From May 6, 2026, 13:00 UTC: $13.00" in (await card(ada)).text
    assert len(await log(ada)) == 2


async def test_a_manager_calls_off_and_hastens_nothing_and_a_reader_sees_when_it_comes(
    ada: Phone, shop: Shop, settings: Settings, dispatcher: Dispatcher, telegram: Bot, line: Line
) -> None:
    await crew.hire(shop, settings)
    manager = crew.phone(dispatcher, telegram, line, Role.MANAGER)
    theirs = await ada.say("/price 1 12.00")
    shown = await card(manager)
    assert CALL_OFF in shown.labels
    assert NOW not in shown.labels
    text, _ = await manager.press(theirs.data(NOW), shown)
    assert "takes the role owner" in (text or manager.last.text)
    reader = crew.phone(dispatcher, telegram, line, Role.READER)
    assert COMING in (await card(reader)).text
    assert CALL_OFF not in reader.last.labels
    assert "Our price: $10.00" in reader.last.text


async def test_a_markup_of_its_own_is_asked_for_with_its_notice_and_comes_after_it(ada: Phone, shop: Shop) -> None:
    said = await ada.say("/markup 1 50")
    assert said.text == (
        "Sell service #1 at its cost + 50 %: $10.00 → $12.00, 48 hours from now? "
        "The sites of resellers are told at once."
    )
    await ada.tap("✅ Do it")
    assert ada.last.text.startswith("⏳ Price: $10.00 until May 6, 2026, 12:00 UTC, $12.00 from then on.")
    assert (await log(ada))[0] == "service 1: markup 50 %, price $10.00 → $12.00 after 48 hours"
    await come(shop, hours=48)
    assert "• Markup 50 %, whatever the panel’s is" in (await card(ada)).text
    assert (await ada.say("/markup 1 auto")).text == "Sell service #1 at its panel’s markup: $12.00 → $10.00?"


async def test_a_markup_that_would_come_otherwise_than_it_was_asked_for_is_not_taken(ada: Phone) -> None:
    """What is hidden meanwhile would have its price at once, and not after its notice."""
    asked = await ada.say("/markup 1 50")
    await card(ada)
    await ada.tap("🙈 Hide")
    text, _ = await ada.tap("✅ Do it", asked)
    assert "That has changed since you were asked." in (text or ada.last.text)
    assert "Our price: $10.00" in (await card(ada)).text


async def test_a_price_that_cannot_come_is_told_to_who_set_it_with_the_way_to_another(
    ada: Phone, shop: Shop, deliver: Deliver
) -> None:
    await ada.say("/price 1 12.00")
    async with shop.db.write() as session:
        await stock.sync(
            session,
            "north",
            [offered("1", "Instagram Likes", "A", "14.00"), *CATALOGUE["north"][1:]],
            markup_percent=Decimal(25),
            exchange_rate=Decimal(1),
            policy=shop.policy,
            now=shop.now(),
        )
    await come(shop, hours=48)
    await deliver()
    assert ada.last.text.splitlines()[0] == "🚨 A price that was announced did not come"
    assert "announced: 12.00, 2026-05-06 12:00 UTC" in ada.last.text
    await ada.tap("Service #1")
    assert "Our price: $17.50" in ada.last.text
    assert (await log(ada))[0] == "service 1: price $12.00, as set 2026-05-04 12:00 UTC, could not come"


async def test_a_price_that_was_asked_for_and_one_that_is_taken_back_are_told_ahead_too(ada: Phone) -> None:
    await card(ada)
    await ada.tap("💵 Price")
    assert (await ada.say("12.00")).text.startswith("⏳ Price: $10.00 until May 6, 2026, 12:00 UTC, $12.00")
    assert (await ada.say("another")).text.startswith("Sorry, I did not understand that.")
    assert (await ada.say("/price 1 9.00")).text.startswith("✅ Price: $10.00 → $9.00\n")
    await ada.tap("↩️ Price by the markup")
    assert ada.last.text.startswith("⏳ Price: $9.00 until May 6, 2026, 12:00 UTC, $10.00 from then on.")
    assert "• Price $9.00, whatever the markup is" in ada.last.text
