"""/sales: admins see how sales stand, stop them and let them go on; for everybody else there is no such command."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select

from bot.settings import Settings
from services import alarm
from services.audit import Breach, Invariant
from services.models import Order, Switch
from tests.handlers.conftest import TOKEN
from tests.handlers.phone import Line, Phone, Shown
from tests.handlers.test_ordering import to_quote, to_service
from tests.shop import ADMIN, Shop

BREACH = Breach(Invariant(2, "each balance equals its transfers"), [{"account": "wallet:1001", "difference": "1.00"}])
STOPPED = "Ordering is paused for the moment. Your money is safe and orders under way go on; please try again later."
OTHER = 9002
Deliver = Callable[[], Awaitable[None]]


@pytest.fixture
def settings() -> Settings:
    """A shop with two admins."""
    return Settings(_env_file=None, bot_token=TOKEN, admin_ids=frozenset({ADMIN, OTHER}))


async def breached(shop: Shop) -> None:
    async with shop.db.write() as session:
        await alarm.record(session, [BREACH], (ADMIN, OTHER), shop.time)


async def turns(shop: Shop) -> int:
    async with shop.db.read() as session:
        return await session.value(select(func.count(Switch.id))) or 0


async def test_sales_that_were_never_touched_are_on(ada: Phone) -> None:
    assert (await ada.say("/sales")).text.splitlines()[:3] == [
        "🟢 Sales are on",
        "",
        "The books have not been audited yet.",
    ]


async def test_sales_shows_what_is_broken_and_since_when(ada: Phone, shop: Shop) -> None:
    async with shop.db.write() as session:
        await alarm.record(session, [], (), shop.time)
    assert "Last audit May 4, 2026, 12:00 UTC: everything holds." in (await ada.say("/sales")).text
    shop.wait(hours=1)
    await breached(shop)
    told = (await ada.say("/sales")).text
    assert told.startswith("🔴 Sales are stopped")
    assert "Last audit May 4, 2026, 13:00 UTC, broken:\n• 2: each balance equals its transfers" in told
    assert "🔴 May 4, 2026, 13:00 UTC, the audit: 2: each balance equals its transfers" in told


async def test_an_admin_lets_sales_go_on_and_the_others_hear_why(
    ada: Phone, shop: Shop, line: Line, deliver: Deliver
) -> None:
    await breached(shop)
    assert (await ada.say("/sales on  wrong   alarm,\nchecked by hand")).text == (
        "🟢 Sales go on. Owners and managers are told.\n"
        "⚠️ The last audit found something broken. As long as it stays as it is, it will not stop sales again."
    )
    assert "🟢 May 4, 2026, 12:00 UTC, Ada (9001): wrong alarm, checked by hand" in (await ada.say("/sales")).text
    await deliver()
    other = [shown.text for shown in line.chats.messages[OTHER]]
    assert other[0].startswith("🚨 The books are not as they must be: sales are stopped")
    assert "invariant: 2: each balance equals its transfers" in other[0]
    assert "1: account wallet:1001 · difference 1.00" in other[0]
    assert other[1].splitlines() == [
        "🚨 An admin lets sales go on",
        "",
        "by: Ada, 9001",
        "reason: wrong alarm, checked by hand",
    ]
    assert not [shown for shown in ada.messages if "An admin lets sales go on" in shown.text]


async def test_an_admin_stops_sales_by_hand(ada: Phone, shop: Shop) -> None:
    assert (await ada.say("/sales off stocktaking")).text.startswith(
        "🔴 Sales are stopped. Owners and managers are told."
    )
    assert "Sales are stopped already" in (await ada.say("/sales off again")).text
    assert (await ada.say("/sales on counted")).text == "🟢 Sales go on. Owners and managers are told."
    assert "Sales are on already" in (await ada.say("/sales on again")).text
    assert await turns(shop) == 2


@pytest.mark.parametrize("words", ["maybe soon", "onward with it"])
async def test_another_word_turns_nothing_and_both_are_explained(ada: Phone, shop: Shop, words: str) -> None:
    assert "/sales on <reason>" in (await ada.say(f"/sales {words}")).text
    assert await turns(shop) == 0


@pytest.mark.parametrize(("words", "example"), [("on", "/sales on the"), ("off", "/sales off p"), ("OFF  ", "off p")])
async def test_without_a_reason_nothing_is_turned_and_it_is_asked_for(
    ada: Phone, shop: Shop, words: str, example: str
) -> None:
    told = (await ada.say(f"/sales {words}")).text
    assert told.startswith("Please say why")
    assert example in told
    assert await turns(shop) == 0


async def test_the_card_of_a_service_says_that_nothing_is_sold_and_since_when_it_is_again(
    mia: Phone, ada: Phone
) -> None:
    """Nobody gives a link and a number only to hear at the price that the shop is closed."""
    await ada.say("/sales off stocktaking")
    card = await to_service(mia)
    assert card.text.endswith("⏸ Ordering is paused for the moment. Orders under way go on, and your money is safe.")
    assert card.labels == ["🔄 Refresh", "‹ Back", "🏠 Menu"]
    await ada.say("/sales on counted")
    await mia.tap("🔄 Refresh")
    assert "paused" not in card.text
    assert card.labels == ["🛒 Order", "‹ Back", "🏠 Menu"]


async def test_one_message_turns_sales_once(ada: Phone, shop: Shop) -> None:
    """Handed in again after a restart, it does not undo what came after it."""
    await ada.say("/sales off stocktaking", message_id=900)
    await ada.say("/sales on counted")
    assert (await ada.say("/sales off stocktaking", message_id=900)).text.startswith("🟢 Sales are on")
    assert await turns(shop) == 2


@pytest.mark.parametrize("words", ["/sales", "/sales off fun", "/sales on fun"])
async def test_strangers_find_no_such_command(mia: Phone, shop: Shop, words: str) -> None:
    await mia.say("/start")
    answer = await mia.say(words)
    assert "Sales" not in answer.text
    assert "/sales" not in answer.text
    assert await turns(shop) == 0


async def test_a_customer_is_refused_at_the_quote_and_at_confirm_and_goes_on_afterwards(
    mia: Phone, ada: Phone, shop: Shop
) -> None:
    quote: Shown = await to_quote(mia)
    await ada.say("/sales off stocktaking")
    assert await mia.tap("Confirm", quote) == (STOPPED, True)
    assert mia.last.labels[0] == "Confirm", "the quote stays as it was"
    assert (await mia.say("2000")).text == STOPPED
    async with shop.db.read() as session:
        assert await session.value(select(func.count(Order.id))) == 0
    assert await shop.balance() == "25.00"
    await ada.say("/sales on counted")
    await mia.tap("Confirm", quote)
    async with shop.db.read() as session:
        assert await session.value(select(func.count(Order.id))) == 1


async def test_the_rest_of_a_stopped_order_waits_for_sales_to_go_on(
    mia: Phone, ada: Phone, shop: Shop, deliver: Deliver
) -> None:
    order_id = await shop.placed(1000)
    shop.north.rows["1"] = {"status": "Partial", "remains": "400", "charge": "1", "start_count": "1", "currency": "USD"}
    await shop.poll()
    await deliver()
    await ada.say("/sales off stocktaking")
    assert await mia.tap("Order the remaining") == (STOPPED, True)
    assert await mia.tap("Choose another service") == (STOPPED, True)
    await ada.say("/sales on counted")
    await mia.tap("Order the remaining")
    async with shop.db.read() as session:
        assert await session.values(select(Order.replaces_id).where(Order.id != order_id)) == [order_id]
