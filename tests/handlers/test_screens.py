"""History, wallet, help, credits: what is read and what an admin does, as it stands in the chat."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from services import stock
from services.models import Notice, Transfer
from tests.handlers.phone import Phone
from tests.scripted_panel import row
from tests.shop import ADMIN, MIA, Shop, offered

Deliver = Callable[[], Awaitable[None]]


async def test_an_empty_history_leads_to_the_first_order(mia: Phone) -> None:
    answer = await mia.say("/orders")
    assert "You have not ordered anything yet." in answer.text
    assert answer.labels == ["🛒 New order", "🏠 Menu"]


async def test_the_history_is_paged_and_a_goal_leads_back_to_its_page(mia: Phone, shop: Shop) -> None:
    for place in range(10):
        await shop.buy(100, link=f"https://www.instagram.com/p/{place}")
    await mia.say("/orders")
    assert mia.last.labels[0].startswith("⏳ #10 ")
    assert mia.last.labels[8:] == ["Page 2 ›", "🏠 Menu"]
    await mia.tap("Page 2")
    assert mia.last.labels == [
        "⏳ #2 · Instagram Likes · Real · 0 of 100",
        "⏳ #1 · Instagram Likes · Real · 0 of 100",
        "‹ Page 1",
        "🏠 Menu",
    ]
    await mia.tap("⏳ #2")
    assert mia.last.labels == ["🔄 Refresh", "🤝 Finish for me", "‹ Back", "🏠 Menu"]
    await mia.tap("‹ Back")
    assert "⏳ #1 · Instagram Likes · Real · 0 of 100" in mia.last.labels


async def test_refresh_shows_how_far_it_came_and_nothing_new_is_no_failure(mia: Phone, shop: Shop) -> None:
    await shop.placed(1000)
    await mia.say("/orders")
    await mia.tap("⏳ #1")
    await mia.tap("🔄 Refresh")
    assert "0 of 1,000 delivered" in mia.last.text
    shop.north.rows["1"] = row("In progress", "400")
    await shop.poll()
    await mia.tap("🔄 Refresh")
    assert "▰▰▰▰▰▰▱▱▱▱ 60 %\n600 of 1,000 delivered" in mia.last.text


async def test_a_finished_order_can_be_ordered_again(mia: Phone, shop: Shop, deliver: Deliver) -> None:
    await shop.placed(100)
    shop.north.rows["1"] = row("Completed", "0")
    await shop.poll()
    await deliver()
    await mia.tap("🔁 Order again", mia.saying("is complete"))
    assert "Price: $1.00" in mia.last.text
    assert "instagram.com/p/abc" in mia.last.text
    await mia.tap("Confirm")
    assert await shop.balance() == "23.00"


async def test_the_card_says_how_far_how_long_and_how_many_there_were(mia: Phone, shop: Shop, deliver: Deliver) -> None:
    await shop.placed(1000)
    shop.wait(minutes=72)
    shop.north.rows["1"] = row("In progress", "400", start_count="3572")
    await shop.poll()
    await deliver()
    assert mia.last.text.splitlines() == [
        "Order #1 · In progress",
        "Instagram Likes · Real · Server A",
        "🔗 instagram.com/p/abc",
        "",
        "▰▰▰▰▰▰▱▱▱▱ 60 %",
        "600 of 1,000 delivered",
        "Count at the start: 3,572",
        "",
        "Paid: $10.00",
        "Ordered: May 4, 2026, 12:00 UTC",
        "⏱ 1 hr 12 min so far",
    ]
    shop.north.rows["1"] = row("Completed", "0", start_count="3572")
    shop.wait(minutes=1)
    await shop.poll()
    shop.wait(days=1)
    await deliver()
    card = mia.saying("Count at the start")
    assert card.text.splitlines()[0] == "Order #1 · Completed"
    assert card.text.splitlines()[-2:] == ["⏱ Took 1 hr 13 min", "♻️ Guaranteed against drops"]


async def test_the_card_says_no_count_at_the_start_before_anything_is_delivered(
    mia: Phone, shop: Shop, deliver: Deliver
) -> None:
    """Panels say 0 for want of one; the same 0 beside something delivered is a count."""
    await shop.placed(1000)
    for remains, told in (("1000", False), ("999", True)):
        shop.wait(minutes=1)
        shop.north.rows["1"] = row("In progress", remains, start_count="0")
        await shop.poll()
        await deliver()
        assert ("Count at the start: 0" in mia.last.text) == told


async def test_buttons_of_a_card_leave_the_card_alone(mia: Phone, shop: Shop, deliver: Deliver) -> None:
    await shop.placed(1000)
    await deliver()
    card = mia.last
    await mia.tap("📦 My orders", card)
    assert mia.last is not card
    assert card.text.startswith("Order #1")


async def test_the_wallet_lists_every_movement_with_its_sign(mia: Phone, shop: Shop) -> None:
    shop.wait(minutes=1)
    await shop.placed(1000)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    text = (await mia.say("/wallet")).text
    lines = text.splitlines()
    assert lines[:2] == ["Your wallet", "Balance: $19.00"]
    assert f"To top up, write to @sunny_support and give your id: {MIA}" in lines
    assert lines[-3:] == [
        "May 4, 2026, 12:01 · Back from order #1 · +$4.00",
        "May 4, 2026, 12:01 · Order #1 · −$10.00",
        "May 4, 2026, 12:00 · Top-up · +$25.00",
    ]
    buttons = [button for row in mia.last.keyboard.inline_keyboard for button in row]  # type: ignore[union-attr]
    assert next(button.copy_text.text for button in buttons if button.copy_text) == str(MIA)
    assert next(button.url for button in buttons if button.url) == "https://t.me/sunny_support"


async def test_the_statement_is_paged(mia: Phone, shop: Shop) -> None:
    for place in range(9):
        shop.wait(minutes=1)
        await shop.buy(50, link=f"https://www.instagram.com/p/{place}")
    await mia.say("/wallet")
    assert mia.last.text.count("Order #") == 8
    await mia.tap("Earlier ›")
    assert "Order #1 · −$0.50" in mia.last.text
    assert "Top-up · +$25.00" in mia.last.text
    assert "Earlier ›" not in mia.last.labels
    await mia.tap("‹ Latest")
    assert "Order #9 " in mia.last.text


async def test_many_categories_and_services_are_paged_and_grouped_by_platform(mia: Phone, shop: Shop) -> None:
    listed = [offered(f"t{place}", f"Twitch Thing {place}", "A", "1.00") for place in range(9)]
    listed += [offered(f"i{place}", "Instagram Saves", "ABCDEFGHIJ"[place], "1.00") for place in range(10)]
    async with shop.db.write() as session:
        await stock.sync(
            session,
            "east",
            listed,
            markup_percent=Decimal(0),
            exchange_rate=Decimal(1),
            policy=shop.policy,
            now=shop.now(),
        )
    await mia.say("/new")
    assert [label.split(" · ")[0] for label in mia.last.labels[:4]] == [
        "Instagram Likes",
        "Instagram Saves",
        "TikTok Views",
        "Twitch Thing 0",
    ]
    assert mia.last.labels[10:] == ["Page 2 ›", "🏠 Menu"]
    await mia.tap("Page 2")
    await mia.tap("Twitch Thing 8")
    await mia.tap("‹ Back")
    assert "‹ Page 1" in mia.last.labels, "back to the page it is on"
    await mia.tap("‹ Page 1")
    await mia.tap("Instagram Saves")
    assert mia.last.labels[8:] == ["Page 2 ›", "‹ Back"]
    await mia.tap("Page 2")
    await mia.tap("Server J")
    await mia.tap("‹ Back")
    assert "Server J · $1.00/1K · Real" in mia.last.labels, "back to the page it is on"


async def test_help_says_how_it_works_and_whom_to_ask(mia: Phone) -> None:
    await mia.say("/start")
    await mia.tap("❓ Help")
    assert "You pay only for what was delivered." in mia.last.text
    assert "Questions? Write to @sunny_support and give your id." in mia.last.text
    await mia.tap("🏠 Menu")
    assert mia.last.text.startswith("Sunny & Co\nBalance: $25.00")


# The admin's side


async def test_an_admin_credits_a_customer_who_is_told(ada: Phone, mia: Phone, shop: Shop, deliver: Deliver) -> None:
    answer = await ada.say(f"/credit {MIA} 12.50 bank transfer <17>")
    assert answer.text == f"✅ $12.50 was put into the wallet of Mia ({MIA}).\nBalance now: $37.50"
    await deliver()
    assert mia.last.text.splitlines() == [
        "💰 $12.50 was added to your wallet",
        "Balance now: $37.50",
        "Note: bank transfer <17>",
    ]
    async with shop.db.read() as session:
        assert await session.value(select(Transfer.actor).where(Transfer.src == "world:manual")) == f"admin:{ADMIN}"


async def test_the_same_message_handed_in_twice_credits_once(ada: Phone, shop: Shop) -> None:
    await ada.say(f"/credit {MIA} 5", message_id=77)
    await ada.say(f"/credit {MIA} 5", message_id=77)
    assert await shop.balance() == "30.00"
    async with shop.db.read() as session:
        assert await session.value(select(func.count(Notice.id)).where(Notice.kind == "credited")) == 1
    await ada.say(f"/credit {MIA} 5", message_id=78)
    assert await shop.balance() == "35.00"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/credit", "Usage: /credit <id or @name> <amount> [reason]"),
        ("/credit Mia 5", "“Mia” has not used this bot yet"),
        (f"/credit {MIA} five", "“five” is not an amount."),
        (f"/credit {MIA} 5,00", "“5,00” is not an amount."),
        (f"/credit {MIA} 0", "more than zero"),
        (f"/credit {MIA} -5", "more than zero"),
        (f"/credit {MIA} 9999999999999", "is not an amount"),
        ("/credit 4242 5", "“4242” has not used this bot yet"),
    ],
)
async def test_a_wrong_credit_is_explained_and_moves_nothing(ada: Phone, shop: Shop, typed: str, said: str) -> None:
    assert said in (await ada.say(typed)).text
    assert await shop.balance() == "25.00"


async def test_for_customers_the_admin_commands_do_not_exist(mia: Phone, shop: Shop) -> None:
    answer = await mia.say(f"/credit {MIA} 1000")
    assert answer.text.startswith("Sorry, I did not understand that.")
    assert await shop.balance() == "25.00"
