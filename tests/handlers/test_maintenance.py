"""/maintenance: customers read the shop's message wherever they would order, nothing is lost, and the staff go on."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select

from bot.settings import Settings
from services import actions, staff
from services.models import Order, Switch
from services.roles import Role
from tests.handlers import staff as crew
from tests.handlers.phone import Line, Phone
from tests.handlers.test_ordering import to_quote, to_service
from tests.shop import ADMIN, MIA, Shop

Deliver = Callable[[], Awaitable[None]]
ON = "/maintenance on Back at 18:00, <promise> & more."
CLOSED = "🛠 Back at 18:00, <promise> & more. Your money is safe, and orders under way go on."
SHOWN = "🛠 Back at 18:00, <promise> & more."


async def count(shop: Shop, model: type[Order | Switch]) -> int:
    async with shop.db.read() as session:
        return await session.value(select(func.count(model.id))) or 0


async def test_a_shop_whose_maintenance_was_never_turned_is_open(ada: Phone) -> None:
    told = await ada.say("/maintenance")
    assert told.text.startswith("🟢 The shop is open")
    assert "/maintenance on <message>" in told.text
    assert told.labels == []


async def test_it_shows_what_customers_read_since_when_and_who_closed_it_and_one_tap_opens(
    ada: Phone, shop: Shop
) -> None:
    told = await ada.say(ON)
    assert told.text.startswith("🛠 The shop is under maintenance")
    assert SHOWN in told.text
    assert "Since May 4, 2026, 12:00 UTC, by Ada (9001)" in told.text
    await ada.tap("Open the shop again")
    assert told.text.startswith("🟢 The shop is open")
    assert (await ada.say("/maintenance off")).text.startswith("🟢 The shop is open")
    assert await count(shop, Switch) == 2, "what is as it was wanted is not turned again"
    async with shop.db.read() as session:
        done = await actions.history(session, limit=5)
    assert [(each.code, each.detail) for each in done] == [
        ("maintenance-off", {"message": ""}),
        ("maintenance-on", {"message": "Back at 18:00, <promise> & more."}),
    ]
    assert "the shop is under maintenance: Back at 18:00" in (await ada.say("/log")).text


async def test_another_message_takes_the_place_of_the_first(ada: Phone, mia: Phone) -> None:
    await ada.say(ON)
    await ada.say("/maintenance on Back tomorrow.")
    assert "🛠 Back tomorrow." in (await mia.say("/start")).text


async def test_one_message_turns_it_once(ada: Phone, shop: Shop) -> None:
    """Handed in again after a restart, it does not undo what came after it."""
    await ada.say(ON, message_id=900)
    await ada.say("/maintenance off")
    assert (await ada.say(ON, message_id=900)).text.startswith("🟢 The shop is open")
    assert await count(shop, Switch) == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/maintenance on", "Please say what customers shall read"),
        ("/maintenance maybe", "“maybe” is none of these: on, off."),
        ("/maintenance off now", "“now” is more than this command takes."),
        (f"/maintenance on {'x' * 141}", "That message is too long: 140 characters are the most."),
    ],
)
async def test_what_is_mistyped_turns_nothing(ada: Phone, shop: Shop, typed: str, said: str) -> None:
    assert said in (await ada.say(typed)).text
    assert await count(shop, Switch) == 0


async def test_the_other_staff_are_told_whatever_their_role(
    ada: Phone, shop: Shop, settings: Settings, line: Line, deliver: Deliver
) -> None:
    await crew.hire(shop, settings)
    await ada.say(ON)
    await ada.say("/maintenance off")
    await deliver()
    for role in Role:
        closed, opened = [shown.text for shown in line.chats.messages[crew.IDS[role]]]
        assert closed.startswith("🚨 The shop is under maintenance")
        assert "by: Ada, 9001\nmessage: Back at 18:00, <promise> & more." in closed
        assert opened.startswith("🚨 The shop is open again")
    assert not [shown for shown in ada.messages if shown.text.startswith("🚨")]
    assert MIA not in line.chats.messages


async def test_a_customer_reads_the_message_on_the_menu_and_on_the_card_of_a_service(mia: Phone, ada: Phone) -> None:
    await ada.say(ON)
    assert SHOWN in (await mia.say("/start")).text.splitlines()
    card = await to_service(mia)
    assert card.text.endswith(SHOWN)
    assert card.labels == ["🔄 Refresh", "‹ Back", "🏠 Menu"]
    await ada.say("/maintenance off")
    await mia.tap("🔄 Refresh")
    assert "🛠" not in card.text
    assert card.labels == ["🛒 Order", "‹ Back", "🏠 Menu"]


async def test_a_customer_is_refused_at_the_quote_and_at_confirm_and_loses_nothing(
    mia: Phone, ada: Phone, shop: Shop
) -> None:
    quote = await to_quote(mia)
    await ada.say(ON)
    assert await mia.tap("Confirm", quote) == (CLOSED, True)
    assert (await mia.say("2000")).text == CLOSED
    assert await count(shop, Order) == 0
    assert await shop.balance() == "25.00"
    await ada.say("/maintenance off")
    await mia.tap("Confirm", quote)
    assert await count(shop, Order) == 1


async def test_the_rest_of_a_stopped_order_waits_while_its_refund_does_not(
    mia: Phone, ada: Phone, shop: Shop, deliver: Deliver
) -> None:
    order_id = await shop.placed(1000)
    await ada.say(ON)
    shop.north.rows["1"] = {"status": "Partial", "remains": "400", "charge": "1", "start_count": "1", "currency": "USD"}
    await shop.poll()
    await deliver()
    assert await shop.balance() == "19.00"
    assert await mia.tap("Order the remaining") == (CLOSED, True)
    assert await mia.tap("Choose another service") == (CLOSED, True)
    assert await mia.tap("🤝 Finish it for me") == (CLOSED, True)
    await ada.say("/maintenance off")
    await mia.tap("Order the remaining")
    async with shop.db.read() as session:
        assert await session.values(select(Order.replaces_id).where(Order.id != order_id)) == [order_id]


async def test_the_staff_order_under_maintenance_and_see_that_it_is_on(mia: Phone, ada: Phone, shop: Shop) -> None:
    await ada.say(ON)
    async with shop.db.write() as session:
        await staff.grant(session, user_id=MIA, role=Role.READER, actor="shell", owners={ADMIN}, now=shop.now())
    assert SHOWN in (await mia.say("/start")).text
    quote = await to_quote(mia)
    await mia.tap("Confirm", quote)
    assert await count(shop, Order) == 1
    await ada.say("/sales off stocktaking")
    assert "Ordering is paused" in (await to_service(mia)).text, "while nothing is sold, nobody is the exception"
