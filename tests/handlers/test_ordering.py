"""From the menu to the order card: every question, every way back, every wrong answer."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from sqlalchemy import func, select, update

from handlers import callbacks
from services.db import Database
from services.models import Order, Service
from services.money import Money
from tests.handlers.phone import Line, Phone, Shown
from tests.shop import MIA, Shop

LINK = "https://www.instagram.com/p/abc"
Deliver = Callable[[], Awaitable[None]]


async def ordered(db: Database) -> int:
    async with db.read() as session:
        return await session.value(select(func.count(Order.id))) or 0


async def change(shop: Shop, **values: Any) -> None:
    """Change Server A of Instagram Likes behind the customer's back."""
    async with shop.db.write() as session:
        await session.run(update(Service).where(Service.id == await shop.service()).values(**values))


async def to_service(phone: Phone) -> Shown:
    """Menu, category, Server A."""
    await phone.say("/start")
    await phone.tap("🛒 New order")
    await phone.tap("Instagram Likes")
    await phone.tap("Server A")
    return phone.last


async def to_quote(phone: Phone, quantity: str = "1000") -> Shown:
    """All the way to the price."""
    await to_service(phone)
    await phone.tap("🛒 Order")
    await phone.say(LINK)
    return await phone.say(quantity)


async def test_from_start_to_the_order_card(mia: Phone, shop: Shop, deliver: Deliver) -> None:
    """The whole way, one message edited through browsing, the tapped quote becoming the live card."""
    greeting = await mia.say("/start")
    assert greeting.text == "👋 Hi, Mia! Welcome to Sunny & Co.\nBalance: $25.00\n\nWhat would you like to do?"
    assert greeting.labels == ["🛒 New order", "📦 My orders", "👛 Wallet", "⚙️ Settings", "❓ Help"]
    await mia.tap("🛒 New order")
    assert mia.last.labels == ["Instagram Likes · from $2.50/1K", "TikTok Views · from $0.125/1K", "🏠 Menu"]
    await mia.tap("Instagram Likes")
    assert mia.last.labels[0] == "Server A · $10.00/1K · Real"
    await mia.tap("Server A")
    card = mia.last
    assert card.text.splitlines()[:2] == ["Instagram Likes", "Server A · Real"]
    for fact in ("Price: $10.00 per 1,000", "Quantity: 50 to 100,000", "♻️ Refill if the count drops: yes"):
        assert fact in card.text
    await mia.tap("🛒 Order")
    assert "Send the Instagram link" in mia.last.text
    assert len(mia.messages) == 1, "browsing edits one message"
    question = await mia.say(LINK)
    assert "from 50 to 100,000" in question.text
    assert "1,000 · $10.00" in question.labels
    quote = await mia.say("1,000")
    for fact in (
        "Instagram Likes · Server A",
        "instagram.com/p/abc",
        "Quantity: 1,000",
        "Price: $10.00",
        "Balance now: $25.00",
        "Balance after: $15.00",
    ):
        assert fact in quote.text
    assert quote.rows == [["Confirm"], ["‹ Back", "Cancel"]]
    assert (quote.style("Confirm"), quote.style("Cancel")) == ("success", "danger")
    assert await mia.tap("Confirm") == ("Order #1 is placed.", False)
    await deliver()
    assert quote.text.startswith("Order #1 · Waiting to be sent\nInstagram Likes · Real · Server A")
    assert len(mia.messages) == 3, "the quote itself became the card"
    assert await shop.balance() == "15.00"


async def test_a_suggested_quantity_is_one_tap_from_the_quote(mia: Phone) -> None:
    await to_service(mia)
    await mia.tap("🛒 Order")
    question = await mia.say(LINK)
    await mia.tap("1,000 · $10.00")
    assert "Price: $10.00" in question.text
    assert "Confirm" in question.labels


async def test_every_step_goes_back_and_keeps_what_was_entered(mia: Phone) -> None:
    quote = await to_quote(mia)
    await mia.tap("‹ Back")
    assert "You chose 1,000 before." in quote.text
    assert quote.style("1,000 · $10.00") == "primary"
    await mia.tap("‹ Back")
    assert "You gave this link before: instagram.com/p/abc" in quote.text
    await mia.tap("Keep this link")
    assert "You chose 1,000 before." in quote.text
    await mia.tap("‹ Back")
    await mia.tap("‹ Back")
    assert "Price: $10.00 per 1,000" in quote.text
    await mia.tap("‹ Back")
    assert quote.text.startswith("Instagram Likes\nPick a server")
    await mia.tap("‹ Back")
    assert quote.text.startswith("What do you need?")
    await mia.tap("🏠 Menu")
    assert "What would you like to do?" in quote.text


async def test_the_link_is_offered_again_for_another_server(mia: Phone) -> None:
    """Who goes back to compare need not paste the link twice."""
    await to_quote(mia)
    for _ in range(4):
        await mia.tap("‹ Back")
    await mia.tap("Server B")
    await mia.tap("🛒 Order")
    await mia.tap("Keep this link")
    assert "Instagram Likes · Server B" in mia.last.text
    assert "instagram.com/p/abc" in mia.last.text


async def test_text_while_looking_around_is_no_answer_to_a_question(mia: Phone) -> None:
    """After Back to the catalogue nothing waits for a link, so one cannot land on the wrong service."""
    await to_service(mia)
    await mia.tap("🛒 Order")
    await mia.tap("‹ Back")
    answer = await mia.say(LINK)
    assert answer.text.startswith("Sorry, I did not understand that.")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("hello there", "That is not a link."),
        ("https://www.tiktok.com/@mia/video/1", "That is not a link to Instagram."),
        ("ftp://instagram.com/p/abc", "A link begins with https://."),
        ("https://127.0.0.1/p/abc", "not a public web address"),
        ("https://www.instagram.com/p/" + "a" * 600, "too long"),
        ("<b>&", "not a public web address"),
    ],
)
async def test_a_wrong_link_is_explained_and_asked_for_again(mia: Phone, typed: str, said: str) -> None:
    await to_service(mia)
    await mia.tap("🛒 Order")
    answer = await mia.say(typed)
    assert said in answer.text
    assert "Send the Instagram link" in answer.text
    assert "‹ Back" in answer.labels
    assert "How many?" in (await mia.say(LINK)).text, "the question still stands"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("many", "“many” is not a quantity."),
        ("https://www.tiktok.com/@somebody-with-a-long-name/video/7", "“https://www.tiktok.com/@somebody-with-a…” is"),
        ("99999999999", "That is too many: the largest order here is 100,000."),
        ("-5", "is not a quantity"),
        ("1/2", "“1/2” is not a quantity."),
        ("/nonsense", "“/nonsense” is not a quantity."),
        ("<i>5</i", "“<i>5</i” is not"),
        ("49", "smallest order here is 50"),
        ("100001", "largest order here is 100,000"),
        ("٥٠٠", "is not a quantity"),
    ],
)
async def test_a_wrong_quantity_is_explained_and_asked_for_again(mia: Phone, typed: str, said: str) -> None:
    await to_service(mia)
    await mia.tap("🛒 Order")
    await mia.say(LINK)
    answer = await mia.say(typed.replace("</i", "<i"))
    assert said.replace("</i", "<i") in answer.text.replace("\u2068", "").replace("\u2069", "")
    assert "instagram.com/p/abc" in answer.text, "the link is kept"
    assert "before" not in answer.text, "what was refused is not kept"
    assert "Price: $20.00" in (await mia.say("2k")).text


async def test_what_is_not_text_is_asked_for_as_text(mia: Phone) -> None:
    await to_service(mia)
    await mia.tap("🛒 Order")
    assert "Please send the link as text." in (await mia.say(None)).text
    await mia.say(LINK)
    assert "Please send the number as text." in (await mia.say(None)).text


async def test_a_link_in_place_of_a_quantity_replaces_the_link(mia: Phone) -> None:
    await to_service(mia)
    await mia.tap("🛒 Order")
    await mia.say(LINK)
    assert "instagram.com/p/other" in (await mia.say("https://www.instagram.com/p/other")).text
    quote = await mia.say("100")
    assert "instagram.com/p/other" in quote.text
    assert "instagram.com/p/third" in (await mia.say("https://www.instagram.com/p/third")).text


async def test_at_the_quote_a_number_changes_the_quantity_and_words_bring_the_quote_back(mia: Phone) -> None:
    await to_quote(mia)
    assert "Price: $5.00" in (await mia.say("500")).text
    again = await mia.say("is it safe?")
    assert again.text.startswith("“is it safe?” is not a quantity.")
    assert "Price: $5.00" in again.text
    assert "Confirm" in again.labels


async def test_cancel_gives_the_order_up(mia: Phone, db: Database) -> None:
    quote = await to_quote(mia)
    await mia.tap("Cancel")
    assert quote.text.startswith("Cancelled. Nothing was ordered and nothing was charged.")
    assert (await mia.say("100")).text.startswith("Sorry")
    assert await ordered(db) == 0


async def test_the_cancel_command_says_whether_there_was_anything(mia: Phone) -> None:
    await to_quote(mia)
    assert (await mia.say("/cancel")).text.startswith("Cancelled.")
    assert (await mia.say("/cancel")).text.startswith("There is nothing to cancel.")


async def test_an_order_left_to_look_around_is_there_to_go_back_to_and_to_cancel(mia: Phone) -> None:
    await to_quote(mia)
    await mia.tap("‹ Back")
    await mia.tap("‹ Back")
    await mia.tap("‹ Back")
    assert "‹ Back to your order" in (await mia.say("/wallet")).labels
    assert (await mia.say("/cancel")).text.startswith("Cancelled.")
    assert "‹ Back to your order" not in (await mia.say("/wallet")).labels


async def test_a_double_tap_on_confirm_buys_once(mia: Phone, db: Database, shop: Shop) -> None:
    quote = await to_quote(mia)
    data = quote.data("Confirm")
    await mia.press(data, quote)
    assert await mia.press(data, quote) == ("This was ordered already, as #1. Nothing was bought again.", False)
    assert await ordered(db) == 1
    assert await shop.balance() == "15.00"


async def test_confirm_on_a_message_too_old_to_be_seen_buys_with_a_card_of_its_own(
    mia: Phone, deliver: Deliver
) -> None:
    quote = await to_quote(mia)
    await mia.press(quote.data("Confirm"), quote, gone=True)
    await deliver()
    assert mia.last.text.startswith("Order #1")
    assert mia.last is not quote


async def test_a_strangers_token_buys_nothing(mia: Phone, omar: Phone, db: Database) -> None:
    quote = await to_quote(mia)
    hers = await omar.say("/start")
    text, _ = await omar.press(quote.data("Confirm"), hers)
    assert text == "This button is out of date. Here is a fresh menu."
    assert await ordered(db) == 0


async def test_too_little_money_turns_confirm_into_top_up_and_the_way_back(mia: Phone, shop: Shop) -> None:
    quote = await to_quote(mia, "3000")
    assert "⚠️ $5.00 is missing in your wallet." in quote.text
    assert quote.rows == [["Top up"], ["‹ Back", "Cancel"]]
    await mia.tap("Top up")
    assert f"give your id: {MIA}" in quote.text
    async with shop.db.write() as session:
        await shop.credit(session, "5.00", key="more")
    await mia.tap("‹ Back to your order")
    assert "Balance after: $0.00" in quote.text
    assert (await mia.tap("Confirm"))[0] == "Order #1 is placed."


async def test_money_spent_meanwhile_is_said_at_confirm(mia: Phone, shop: Shop) -> None:
    quote = await to_quote(mia, "2000")
    await shop.buy(1000)
    text, alert = await mia.tap("Confirm")
    assert alert
    assert text == "This costs $20.00, and your wallet holds $15.00. $5.00 is missing: please top up first."
    assert "Top up" in quote.labels


async def test_a_price_that_moved_is_shown_before_it_is_paid(mia: Phone, shop: Shop, db: Database) -> None:
    quote = await to_quote(mia)
    await change(shop, rate=Money.parse("11.00"))
    text, alert = await mia.tap("Confirm")
    assert alert
    assert text == "The price has changed: it is $11.00 now. Please check it before you order."
    assert "⚠️ The price has changed from $10.00 to $11.00." in quote.text
    assert await ordered(db) == 0
    await mia.tap("Confirm")
    assert await shop.balance() == "14.00"


async def test_a_service_that_went_meanwhile_is_said_and_nothing_is_bought(
    mia: Phone, shop: Shop, db: Database
) -> None:
    quote = await to_quote(mia)
    await change(shop, on_sale=False)
    text, _ = await mia.tap("Confirm", quote)
    assert text == "This service is not on sale any more. Please pick another one."
    assert await ordered(db) == 0
    assert "not on sale any more" in (await mia.say("200")).text
    assert (await mia.say("200")).text.startswith("Sorry"), "nothing waits for an answer any more"


@pytest.mark.parametrize(
    "data",
    [
        "no-such-button",
        "ok:",
        "sv:99999999999999999999999",
        "qt:1:-5",
        "",
        callbacks.Pick(service_id=1, quantity=100).pack(),
        callbacks.KeepLink(service_id=1).pack(),
        callbacks.Step(to="quantity", service_id=1).pack(),
        callbacks.Resume().pack(),
        callbacks.Confirm(token="A" * 16).pack(),
    ],
)
async def test_a_button_that_leads_nowhere_brings_a_fresh_menu(mia: Phone, data: str) -> None:
    start = await mia.say("/start")
    assert (await mia.press(data, start))[0] == "This button is out of date. Here is a fresh menu."
    assert mia.last is not start
    assert mia.last.text.startswith("That button was out of date")
    assert "🛒 New order" in mia.last.labels


async def test_buttons_of_an_older_quote_for_another_service_are_out_of_date(mia: Phone) -> None:
    """A Back from one order never leads into another."""
    old = await to_quote(mia)
    back = old.data("‹ Back")
    await mia.say("/new")
    await mia.tap("TikTok Views")
    await mia.tap("Server A")
    await mia.tap("🛒 Order")
    assert (await mia.press(back, old))[0] == "This button is out of date. Here is a fresh menu."


async def test_a_restart_in_the_middle_loses_nothing(
    mia: Phone, shop: Shop, telegram: Bot, line: Line, dispatcher: Dispatcher, request: pytest.FixtureRequest
) -> None:
    """What was entered is in the database: another process goes on with the very next answer."""
    await to_service(mia)
    await mia.tap("🛒 Order")
    await mia.say(LINK)
    import bot.dispatcher

    again = bot.dispatcher.build(
        db=shop.db,
        settings=request.getfixturevalue("settings"),
        catalogue=request.getfixturevalue("catalogue"),
        providers=shop.clients,
        now=shop.now,
        clock=lambda: 0.0,
    )
    after = Phone(again, telegram, line, MIA)
    quote = await after.say("1000")
    assert "instagram.com/p/abc" in quote.text
    await after.tap("Confirm")
    assert await shop.balance() == "15.00"


async def test_a_deep_link_opens_the_service(mia: Phone, shop: Shop) -> None:
    card = await mia.say(f"/start s_{await shop.service()}")
    assert card.text.startswith("Instagram Likes\nServer A")
    gone = await mia.say("/start s_424242")
    assert gone.text.startswith("This service is not on sale any more.")
    assert "Instagram Likes · from $2.50/1K" in gone.labels
    assert (await mia.say("/start s_x")).text.startswith("👋 Hi, Mia!")


async def test_commands_answer_anywhere_even_in_the_middle_of_an_order(mia: Phone) -> None:
    await to_quote(mia)
    assert (await mia.say("/help")).text.startswith("How it works")
    assert (await mia.say("/orders")).text.startswith("Your orders")
    wallet = await mia.say("/wallet")
    assert "‹ Back to your order" in wallet.labels
    assert "Price: $5.00" in (await mia.say("500")).text, "the quote still waits"
    assert (await mia.say("/new")).text.startswith("What do you need?")


async def test_what_means_nothing_gets_a_helpful_answer(mia: Phone) -> None:
    answer = await mia.say("hello?")
    assert answer.text.startswith("Sorry, I did not understand that. Here is what I can do.")
    assert "🛒 New order" in answer.labels


async def test_a_name_cannot_break_the_markup(mia: Phone) -> None:
    mia.name = "<b>Mia & </i>"
    assert "Hi, <b>Mia & </i>!" in (await mia.say("/start")).text
