"""Markups told ahead, from a phone: asked for with their notice, shown while they wait, called off and hastened."""

from decimal import Decimal

from aiogram import Bot, Dispatcher

from bot.settings import Settings
from services import coming_markups
from services.roles import Role
from tests.handlers import staff as crew
from tests.handlers.phone import Line, Phone, Shown
from tests.handlers.test_coming_prices import settings
from tests.handlers.test_stocking import card, log
from tests.shop import Shop

__all__ = ["settings"]

CALL_OFF, NOW = "✖️ Call off: north", "⏩ Now, without notice: north"
COMING = "⏳ from May 6, 2026, 12:00 UTC: 50 %"
GONE = "That has changed since you were asked."


async def announced(ada: Phone, percent: str = "50") -> Shown:
    """What /markup shows once this is announced."""
    await ada.say(f"/markup north {percent}")
    await ada.tap("✅ Do it")
    return await ada.say("/markup")


async def come(shop: Shop, **later: float) -> None:
    """Let time pass, and what is due come."""
    shop.wait(**later)
    async with shop.db.write() as session:
        await coming_markups.come_due(session, "north", {"north": Decimal(25)}, now=shop.now())


async def test_a_markup_that_raises_prices_is_asked_for_with_its_notice_and_comes_after_it(
    ada: Phone, shop: Shop
) -> None:
    said = await ada.say("/markup north 50")
    assert said.text.splitlines() == [
        "Sell all of north at its prices + 50 %, instead of 25 %, 48 hours from now? "
        "The sites of resellers are told at once.",
        "3 prices change, by +20.0 %.",
    ]
    await ada.tap("✅ Do it")
    assert ada.last.text == (
        "⏳ north is sold at + 25 % until May 6, 2026, 12:00 UTC, at + 50 % from then on. "
        "The sites of resellers are told so now."
    )
    assert "Our price: $10.00" in (await card(ada)).text
    for question in ("/markup", "/markup north"):
        shown = await ada.say(question)
        assert f"• north: 25 %, from the settings\n  {COMING}" in shown.text
        assert shown.labels == [CALL_OFF, NOW]
    assert (await ada.say("/markup south")).labels == []
    await come(shop, hours=48)
    assert "Our price: $12.00" in (await card(ada)).text
    shown = await ada.say("/markup")
    assert "⏳" not in shown.text
    assert shown.labels == []
    assert await log(ada, "provider north") == [
        "markup of north: 25 % → 50 %, as set 2026-05-04 12:00 UTC, 3 prices",
        "markup of north: 25 % → 50 %, 3 prices after 48 hours",
    ]


async def test_a_lower_markup_is_asked_for_and_in_force_at_once(ada: Phone) -> None:
    said = await ada.say("/markup north 10")
    assert said.text.splitlines()[0] == "Sell all of north at its prices + 10 %, instead of 25 %?"
    await ada.tap("✅ Do it")
    assert ada.last.text == "✅ north is sold at + 10 %. Prices changed: 3."
    said = await ada.say("/markup north auto")
    assert said.text.startswith(
        "Sell all of north at its prices + 25 %, instead of 10 %, as the settings say, 48 hours from now?"
    )


async def test_an_announced_markup_is_called_off_with_a_tap_once(ada: Phone, shop: Shop) -> None:
    shown = await announced(ada)
    tap = ada.tapping(shown.data(CALL_OFF), shown)
    await ada._feed(tap)
    assert ada.last.text.startswith(
        "✅ north stays at + 25 %: 50 % does not come, and the sites of resellers are told so.\n\nWhat is added"
    )
    assert "⏳" not in ada.last.text
    assert ada.last.labels == []
    await ada._feed(tap)
    assert "• north: 25 %" in ada.last.text
    await come(shop, hours=48)
    assert "Our price: $10.00" in (await card(ada)).text
    assert await log(ada, "provider north") == [
        "markup of north: stays 25 %, not 50 % from 2026-05-06 12:00 UTC",
        "markup of north: 25 % → 50 %, 3 prices after 48 hours",
    ]


async def test_an_owner_in_need_puts_it_in_force_at_once(ada: Phone) -> None:
    shown = await announced(ada)
    tap = ada.tapping(shown.data(NOW), shown)
    for _ in range(2):
        await ada._feed(tap)
    assert "⏳" not in ada.last.text
    assert "Our price: $12.00" in (await card(ada)).text
    assert await log(ada, "provider north") == [
        "markup of north: 25 % → 50 % without notice, 3 prices",
        "markup of north: 25 % → 50 %, 3 prices after 48 hours",
    ]


async def test_hastening_says_how_many_prices_it_changed(ada: Phone) -> None:
    await announced(ada)
    await ada.tap(NOW)
    assert ada.last.text.startswith("✅ north is sold at + 50 %. Prices changed: 3.\n\nWhat is added")


async def test_a_button_under_an_older_announcement_does_nothing_to_a_newer_one(ada: Phone, shop: Shop) -> None:
    older = await announced(ada)
    shop.wait(hours=1)
    await announced(ada, "60")
    for button in (CALL_OFF, NOW):
        text, _ = await ada.tap(button, older)
        assert GONE in (text or ada.last.text)
    assert "⏳ from May 6, 2026, 13:00 UTC: 60 %" in (await ada.say("/markup")).text
    assert "Our price: $10.00" in (await card(ada)).text


async def test_a_manager_calls_off_and_hastens_nothing_and_a_reader_sees_when_it_comes(
    ada: Phone, shop: Shop, settings: Settings, dispatcher: Dispatcher, telegram: Bot, line: Line
) -> None:
    await crew.hire(shop, settings)
    theirs = await announced(ada)
    manager = crew.phone(dispatcher, telegram, line, Role.MANAGER)
    shown = await manager.say("/markup")
    assert shown.labels == [CALL_OFF]
    text, _ = await manager.press(theirs.data(NOW), shown)
    assert "takes the role owner" in (text or manager.last.text)
    reader = crew.phone(dispatcher, telegram, line, Role.READER)
    seen = await reader.say("/markup")
    assert COMING in seen.text
    assert seen.labels == []
    assert "Our price: $10.00" in (await card(ada)).text


async def test_a_markup_that_would_come_otherwise_than_it_was_asked_for_is_not_taken(ada: Phone) -> None:
    """Once the markup is higher anyway, this one would lower prices at once, and not raise them after a notice."""
    asked = await ada.say("/markup north 50")
    await announced(ada, "60")
    await ada.tap(NOW)
    text, _ = await ada.tap("✅ Do it", asked)
    assert GONE in (text or ada.last.text)
    assert "Our price: $12.80" in (await card(ada)).text
