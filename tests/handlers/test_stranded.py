"""An admin gives back what nobody can send, by the button under its alert."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from tests.handlers.phone import Phone, Shown
from tests.shop import LINK, Shop

Deliver = Callable[[], Awaitable[None]]
GIVE_BACK = "Give back the money of what never left"


@pytest.fixture
async def alert(shop: Shop, ada: Phone, deliver: Deliver) -> Shown:
    """Two orders of 100 for $1.00 each wait, an hour after north was to get them."""
    for word in ("1", "2"):
        await shop.buy(100, LINK + word)
    shop.wait(hours=1)
    await shop.sweep()
    await deliver()
    return ada.saying("Orders wait, and nobody sends them")


async def test_the_alert_says_what_waits_and_offers_the_money_back(alert: Shown) -> None:
    assert {"provider: north", "waiting to be sent: 2", "Order #1"} <= set(alert.text.splitlines())
    assert alert.rows == [[GIVE_BACK]]


async def test_the_alert_of_a_missing_provider_offers_it_as_well(shop: Shop, ada: Phone, deliver: Deliver) -> None:
    await shop.buy(100)
    shop.policy = replace(shop.policy, providers=("south",))
    await shop.sweep()
    await deliver()
    assert ada.saying("a provider that is not in the settings").rows == [[GIVE_BACK]]


async def test_where_nothing_waits_to_be_sent_there_is_nothing_to_give_back(
    shop: Shop, ada: Phone, deliver: Deliver
) -> None:
    await shop.placed(100)
    shop.policy = replace(shop.policy, providers=("south",))
    await shop.sweep()
    await deliver()
    assert ada.saying("a provider that is not in the settings").rows == []


async def test_one_tap_gives_all_of_it_back_and_a_second_finds_nothing(
    alert: Shown, shop: Shop, ada: Phone, mia: Phone, deliver: Deliver
) -> None:
    assert await shop.balance() == "23.00"
    await ada.tap(GIVE_BACK, alert)
    assert "The money of 2 orders is back" in ada.last.text
    assert await shop.balance() == "25.00"
    told, is_alert = await ada.press(alert.data(GIVE_BACK), alert)
    assert is_alert
    assert told is not None
    assert "Nothing was changed" in told
    assert await shop.balance() == "25.00"
    await deliver()
    assert "could not be reached" in mia.saying("could not be placed").text


async def test_customers_cannot_give_back(alert: Shown, shop: Shop, mia: Phone) -> None:
    told, _ = await mia.press(alert.data(GIVE_BACK), None)
    assert told is not None
    assert "out of date" in told
    assert await shop.balance() == "23.00"
