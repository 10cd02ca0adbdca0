"""An order stops half-way: the notice, the rest in one tap, and the three other ways on."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select, update

from handlers import callbacks
from services.link_check import LinkCheck
from services.models import Order, Service
from services.money import Money
from tests.handlers.phone import Phone, Shown
from tests.page_site import PRIVATE, SHOWN, Site, page
from tests.scripted_panel import row
from tests.shop import Shop

Deliver = Callable[[], Awaitable[None]]


@pytest.fixture
async def notice(shop: Shop, mia: Phone, deliver: Deliver) -> Shown:
    """1,000 likes for $10.00 stopped at 600: the notice of it."""
    await shop.placed(1000)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    await deliver()
    return mia.saying("stopped early\n")


async def orders(shop: Shop) -> int:
    async with shop.db.read() as session:
        return await session.value(select(func.count(Order.id))) or 0


async def change_b(shop: Shop, **values: object) -> None:
    async with shop.db.write() as session:
        await session.run(update(Service).where(Service.id == await shop.service("south")).values(**values))


async def test_the_notice_says_what_came_what_is_back_and_why(notice: Shown) -> None:
    cause, offered = notice.text.splitlines()[-2:]
    assert cause.startswith("We could not tell why: Server A gave no reason")
    assert offered == "Server B: different server, with refill, same price"
    assert notice.text.splitlines()[:-2] == [
        "⚠️ Order #1 stopped early",
        "Instagram Likes · Real · Server A",
        "",
        "Delivered: 600 of 1,000",
        "Back in your wallet: $4.00",
        "Balance now: $19.00",
        "",
    ]
    assert notice.rows == [
        ["Order the remaining 400 · Server B · $4.00"],
        ["Choose another service"],
        ["🤝 Finish it for me"],
        ["Keep the money"],
        ["Why did this happen?"],
    ]
    assert notice.style("Order the remaining") == "success"


async def test_one_tap_orders_the_rest_with_a_short_undo(
    notice: Shown, mia: Phone, shop: Shop, deliver: Deliver
) -> None:
    before = notice.text
    answer = await mia.tap("Order the remaining 400")
    assert answer == ("Ordered: 400 on Server B. You can undo it for 10 seconds.", False)
    assert notice.text == before
    assert notice.labels == ["Why did this happen?"]
    assert await shop.balance() == "15.00"
    await deliver()
    assert mia.last.text.startswith("Order #2 · Waiting to be sent\nInstagram Likes · Real · Server B")
    assert "you can still undo it" in mia.last.text
    assert mia.last.labels[0] == "↩️ Undo"


async def test_a_second_tap_on_the_rest_buys_nothing(notice: Shown, mia: Phone, shop: Shop) -> None:
    data = notice.data("Order the remaining")
    await mia.press(data, notice)
    assert await mia.press(data, notice) == ("This was ordered already, as #2. Nothing was bought again.", False)
    assert await orders(shop) == 2


async def test_another_offer_for_the_same_rest_buys_nothing_either(notice: Shown, mia: Phone, shop: Shop) -> None:
    """The rest is bought once, whichever of its buttons is tapped."""
    await mia.tap("Choose another service")
    choice = mia.last
    await mia.tap("Order the remaining", notice)
    assert await mia.tap("Server C", choice) == ("The rest is ordered already. Nothing was bought again.", False)
    assert choice.labels == ["🏠 Menu"]
    assert await orders(shop) == 2


async def test_undo_gives_the_money_back_and_the_rest_stays_on_offer(
    notice: Shown, mia: Phone, shop: Shop, deliver: Deliver
) -> None:
    await mia.tap("Order the remaining")
    await deliver()
    card = mia.last
    assert await mia.tap("↩️ Undo") == ("Undone. $4.00 is back in your wallet.", False)
    assert await shop.balance() == "19.00"
    await deliver()
    assert card.text.startswith("Order #2 · Undone, money back")
    assert card.labels == ["Order the remaining 400", "🔁 Order again", "📦 My orders"]
    await mia.tap("Order the remaining 400", card)
    assert "Server B · $4.00" in mia.last.labels
    await mia.say("/orders")
    await mia.tap("🟡 #1")
    await mia.tap("Order the remaining 400")
    assert "Server B · $4.00" in mia.last.labels
    await mia.tap("Server B")
    assert await shop.balance() == "15.00"


async def test_too_late_to_undo_is_said(notice: Shown, mia: Phone, shop: Shop, deliver: Deliver) -> None:
    await mia.tap("Order the remaining")
    await deliver()
    card = mia.last
    shop.wait(seconds=11)
    await shop.submit()
    text, _ = await mia.tap("↩️ Undo", card)
    assert text == "Too late to undo: the order has already left for the server."
    assert await shop.balance() == "15.00"


async def test_choosing_another_lists_every_server_with_its_price_and_difference(
    notice: Shown, mia: Phone, shop: Shop
) -> None:
    await mia.tap("Choose another service")
    assert mia.last is not notice
    assert mia.last.text.splitlines() == [
        "Order the remaining 400",
        "Back from order #1: $4.00",
        "",
        "Pick a server. One tap orders it.",
        "Server B: different server, with refill, same price",
        "Server C: with refill, −$3.00",
    ]
    assert mia.last.labels == ["Server B · $4.00", "Server C · $1.00 ($3.00 less)", "🏠 Menu"]
    await mia.tap("Server C")
    assert await shop.balance() == "18.00"


async def test_the_button_says_what_the_rest_costs_more(shop: Shop, mia: Phone, deliver: Deliver) -> None:
    await change_b(shop, rate=Money.parse("10.50"))
    await shop.placed(1000)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    await deliver()
    labels = mia.saying("stopped early\n").labels
    assert labels[0] == "Order the remaining 400 · Server B · $4.20 ($0.20 more)"


async def test_keeping_the_money_takes_the_buttons_away(notice: Shown, mia: Phone, shop: Shop) -> None:
    assert await mia.tap("Keep the money") == ("$4.00 stays in your wallet.", False)
    assert notice.labels == []
    assert notice.text.startswith("⚠️ Order #1 stopped early")
    assert await shop.balance() == "19.00"


async def test_keeping_what_was_spent_already_is_not_pretended(notice: Shown, mia: Phone) -> None:
    keep = notice.data("Keep the money")
    await mia.tap("Order the remaining")
    assert (await mia.press(keep, notice))[0] == "The rest is ordered already. Nothing was bought again."


async def test_why_explains_to_the_last_cent(notice: Shown, mia: Phone) -> None:
    await mia.tap("Why did this happen?")
    lines = mia.last.text.splitlines()
    assert lines[0] == "Why order #1 stopped"
    assert "1,000 ordered for $10.00" in lines
    assert lines[1].startswith("Server A did not say why")
    assert "600 delivered: $10.00 × 600 ÷ 1,000 = $6.00" in lines
    assert "400 not delivered: $10.00 − $6.00 = $4.00 back" in lines


@pytest.fixture
async def site(shop: Shop, pages: LinkCheck, known_pages: Site) -> Site:
    """What the pages of links say; looked at before a customer is told, and for every tap anew."""
    shop.pages = pages
    return known_pages


@pytest.fixture
async def private(site: Site, shop: Shop, mia: Phone, deliver: Deliver) -> Shown:
    """The notice of an order that stopped because its link is private."""
    site.answers["/p/abc"] = lambda _: page(PRIVATE)
    await shop.placed(1000)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    await deliver()
    return mia.saying("stopped early\n")


async def test_a_private_link_buys_nothing_until_it_is_public(
    private: Shown, site: Site, mia: Phone, shop: Shop
) -> None:
    text, alert = await mia.tap("🔓 Make it public")
    assert alert
    assert text == ("The link is still private, so nothing was ordered. Make it public, wait a moment, then tap again.")
    assert await orders(shop) == 1
    site.answers["/p/abc"] = lambda _: page(SHOWN)
    answer = await mia.tap("🔓 Make it public", private)
    assert answer == ("Ordered: 400 on Server B. You can undo it for 10 seconds.", False)
    assert await orders(shop) == 2


async def test_a_link_that_is_gone_meanwhile_buys_nothing(private: Shown, site: Site, mia: Phone, shop: Shop) -> None:
    site.answers["/p/abc"] = lambda _: page("", 404)
    text, _ = await mia.tap("🔓 Make it public", private)
    assert text == "There is nothing behind the link any more, so nothing was ordered."
    assert await orders(shop) == 1


async def test_a_page_that_does_not_tell_is_no_reason_to_refuse(
    private: Shown, site: Site, mia: Phone, shop: Shop
) -> None:
    site.answers["/p/abc"] = lambda _: page("", 503)
    await mia.tap("🔓 Make it public", private)
    assert await orders(shop) == 2


async def test_nobody_elses_tap_has_a_link_looked_at(private: Shown, site: Site, omar: Phone) -> None:
    before = len(site.asked)
    start = await omar.say("/start")
    text, _ = await omar.press(private.data("🔓 Make it public"), start)
    assert text == "This button is out of date. Here is a fresh menu."
    assert len(site.asked) == before


async def test_why_says_what_to_do_about_a_private_link(private: Shown, mia: Phone) -> None:
    await mia.tap("Why did this happen?")
    assert "we look again before we order" in mia.last.text


async def test_a_price_that_moved_since_the_notice_is_shown_first(notice: Shown, mia: Phone, shop: Shop) -> None:
    await change_b(shop, rate=Money.parse("12.00"))
    text, alert = await mia.tap("Order the remaining")
    assert alert
    assert text == "The price has changed: it is $4.80 now. Please check it before you order."
    assert "⚠️ The price has changed from $4.00 to $4.80." in mia.last.text
    await mia.tap("Confirm")
    assert await shop.balance() == "14.20"
    async with shop.db.read() as session:
        assert await session.value(select(Order.goal_id).where(Order.id == 2)) == 1, "still the rest of order 1"


async def test_money_spent_since_the_notice_is_said_with_the_quote(notice: Shown, mia: Phone, shop: Shop) -> None:
    await shop.buy(1900)
    text, alert = await mia.tap("Order the remaining")
    assert alert
    assert text == "This costs $4.00, and your wallet holds $0.00. $4.00 is missing: please top up first."
    assert "Top up" in mia.last.labels


async def test_a_strangers_buttons_do_nothing(notice: Shown, omar: Phone, shop: Shop) -> None:
    start = await omar.say("/start")
    for label in ("Order the remaining", "Choose another service", "Keep the money", "Why did this happen?"):
        text, _ = await omar.press(notice.data(label), start)
        assert text in {"This button is out of date. Here is a fresh menu.", "There is no such order among yours."}
    text, _ = await omar.press(callbacks.Undo(order_id=1).pack(), start)
    assert text == "There is no such order among yours."
    assert await orders(shop) == 1


async def test_both_orders_together_show_the_whole(notice: Shown, mia: Phone, shop: Shop, deliver: Deliver) -> None:
    """The worked example's end: the completed notice and the history count both servers."""
    await mia.tap("Order the remaining")
    shop.wait(seconds=11)
    await shop.submit()
    shop.panels["south"].rows["1"] = row("Completed", "0")
    await shop.poll()
    await deliver()
    whole = "1,000 of 1,000 delivered: 600 on Server A, 400 on Server B"
    assert whole in mia.saying("and with it order #1").text
    await mia.say("/orders")
    assert mia.last.labels[0] == "✅ #1 · Instagram Likes · Real · 1,000 of 1,000"
    await mia.tap("✅ #1")
    assert whole in mia.last.text
    assert "Paid in all: $10.00" in mia.last.text
    assert "#2 · Server B · 400 of 400 · $4.00 · Completed" in mia.last.text
