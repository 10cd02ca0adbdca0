"""What a customer reads and taps where a rest cannot be had as it is: the offer in words, and every way on from it."""

from collections.abc import Awaitable, Callable

from sqlalchemy import update

from services import waiting
from services.models import Service
from services.money import Money
from services.notices import Partial
from tests.handlers.phone import Phone, Shown
from tests.scripted_panel import row
from tests.shop import Shop

Deliver = Callable[[], Awaitable[None]]


async def limit(shop: Shop, server: str, **values: object) -> None:
    async with shop.db.write() as session:
        await session.run(
            update(Service).where(Service.server == server, Service.name.like("Instagram%")).values(**values)
        )


async def stopped(shop: Shop, mia: Phone, deliver: Deliver, remains: str = "400", quantity: int = 1000) -> Shown:
    await shop.placed(quantity)
    shop.north.rows["1"] = row("Partial", remains)
    await shop.poll()
    await deliver()
    return mia.saying("stopped early\n")


async def shared(shop: Shop, mia: Phone, deliver: Deliver) -> Shown:
    """400 are missing; B takes 250 at the most, C 300."""
    await limit(shop, "B", max=250)
    await limit(shop, "C", max=300)
    return await stopped(shop, mia, deliver)


async def look(shop: Shop, deliver: Deliver) -> None:
    async with shop.db.write() as session:
        await waiting.look(session, shop.time)
    await deliver()


async def test_a_rest_shared_by_two_is_one_tap_and_two_cards(shop: Shop, mia: Phone, deliver: Deliver) -> None:
    notice = await shared(shop, mia, deliver)
    assert notice.text.splitlines()[-1] == (
        "No server takes so many at once, so 250 go to Server B and 150 to Server C."
    )
    assert notice.labels[0] == "Order the remaining 400 · Servers B + C · $2.875 ($1.125 less)"
    assert await mia.tap("Order the remaining 400") == (
        "Ordered: 250 on Server B and 150 on Server C. You can undo it for 10 seconds.",
        False,
    )
    assert notice.labels == ["Why did this happen?"]
    await deliver()
    cards = [shown.text for shown in mia.messages[-2:]]
    assert ["250 delivered" in cards[0], "150 delivered" in cards[1]] == [True, True]


async def test_a_half_that_is_undone_leaves_its_own_button(shop: Shop, mia: Phone, deliver: Deliver) -> None:
    await shared(shop, mia, deliver)
    await mia.tap("Order the remaining 400")
    await deliver()
    first = mia.messages[-2]
    await mia.tap("↩️ Undo", first)
    await deliver()
    await mia.tap("Order the remaining 250", first)
    assert mia.last.text.startswith("Order the remaining 250\n")
    await mia.say("/orders")
    await mia.tap("⏳ #1")
    assert mia.last.labels[0] == "Order the remaining 250"


async def test_a_price_that_moved_in_one_half_shows_the_choice_anew(shop: Shop, mia: Phone, deliver: Deliver) -> None:
    notice = await shared(shop, mia, deliver)
    await limit(shop, "C", rate=Money.parse("3.00"))
    said, alert = await mia.tap("Order the remaining 400", notice)
    assert (said or "").startswith("The price has changed: it is $0.45 now.")
    assert alert
    assert mia.last.labels[0] == "Servers B + C · $2.95 ($1.05 less)"
    await mia.tap("Servers B + C")
    assert await shop.balance() == "16.05"


async def test_too_little_money_for_both_halves_is_said_and_buys_neither(
    shop: Shop, mia: Phone, deliver: Deliver
) -> None:
    notice = await shared(shop, mia, deliver)
    await shop.tap((await shop.quote(1700, link="https://www.instagram.com/p/other")).token)
    said, alert = await mia.tap("Order the remaining 400", notice)
    assert (said or "").startswith("This costs $2.875, and your wallet holds $2.00. $0.875 is missing")
    assert alert
    assert await shop.balance() == "2.00"
    assert notice.labels[0].startswith("Order the remaining 400")


async def test_a_small_rest_is_offered_as_the_smallest_order(shop: Shop, mia: Phone, deliver: Deliver) -> None:
    notice = await stopped(shop, mia, deliver, "40")
    assert notice.text.splitlines()[-1] == (
        "Server B takes 50 at the least: that is the 40 that are missing, and 10 more."
    )
    assert notice.labels[0] == "Order 50 · Server B · $0.50 ($0.10 more)"
    await mia.tap("Choose another service")
    assert mia.last.labels[:2] == ["Server B · 50 · $0.50 ($0.10 more)", "Server C · 50 · $0.125 ($0.275 less)"]
    await mia.tap("Order 50", notice)
    await mia.say("/orders")
    assert mia.last.labels[0] == "⏳ #1 · Instagram Likes · Real · 960 of 1,000"


async def test_the_price_of_a_covering_order_that_moved_is_confirmed_for_the_same_cover(
    shop: Shop, mia: Phone, deliver: Deliver
) -> None:
    notice = await stopped(shop, mia, deliver, "40")
    await limit(shop, "B", rate=Money.parse("11.00"))
    await mia.tap("Order 50", notice)
    assert "The price has changed from $0.50 to $0.55." in mia.last.text
    await mia.tap("Confirm", mia.last)
    assert (await shop.order(2)).covers == 40


async def short(shop: Shop, mia: Phone, deliver: Deliver) -> Shown:
    """The rest costs $5.00 everywhere else; the wallet holds $4.20."""
    for server in "BC":
        await limit(shop, server, rate=Money.parse("12.50"))
    await shop.placed()
    await shop.tap((await shop.quote(1480, link="https://www.instagram.com/p/other")).token)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    await deliver()
    return mia.saying("stopped early\n")


async def test_what_is_missing_is_named_and_once_it_is_there_one_tap_buys(
    shop: Shop, mia: Phone, ada: Phone, deliver: Deliver
) -> None:
    notice = await short(shop, mia, deliver)
    assert notice.text.splitlines()[-1].startswith("$0.80 is missing in your wallet for that. Top up")
    assert notice.rows[:3] == [
        ["Order the remaining 400 · Server B · $5.00 ($0.80 missing)"],
        ["Choose another service"],
        ["Top up"],
    ]
    await mia.tap("Top up", notice)
    assert mia.last.text.startswith("Your wallet")
    said, alert = await mia.tap("Order the remaining", notice)
    assert ((said or "").startswith("This costs $5.00, and your wallet holds $4.20."), alert) == (True, True)
    await ada.say("/credit 1001 0.80")
    await look(shop, deliver)
    ready = mia.saying("The rest of order #1 can be ordered now")
    assert ready.text.splitlines()[:3] == [
        "🔔 The rest of order #1 can be ordered now",
        "Still missing: 400",
        "Balance now: $5.00",
    ]
    assert ready.labels == ["Order the remaining 400 · Server B · $5.00 ($1.00 more)", "Choose another service"]
    await mia.tap("Order the remaining 400", ready)
    assert await shop.balance() == "0.00"


async def test_who_asks_is_told_when_a_server_comes(shop: Shop, mia: Phone, deliver: Deliver) -> None:
    for server in "BCD":
        await limit(shop, server, on_sale=False)
    notice = await stopped(shop, mia, deliver)
    assert notice.labels == ["🔔 Tell me when it can be ordered", "Keep the money", "Why did this happen?"]
    said, _ = await mia.tap("🔔 Tell me when it can be ordered")
    assert said == (
        "We keep an eye on it: as soon as a server takes the rest you get a message with a button that orders it."
    )
    assert notice.labels == ["Keep the money", "Why did this happen?"]
    await look(shop, deliver)
    assert mia.last is notice
    await shop.stock("south")
    await look(shop, deliver)
    ready = mia.saying("The rest of order #1 can be ordered now")
    assert ready.text.splitlines()[-1] == "Server B: different server, with refill, same price"
    await mia.tap("Order the remaining 400", ready)
    assert await shop.balance() == "15.00"
    assert ready.labels == []


async def test_the_choice_offers_to_tell_as_well(shop: Shop, mia: Phone, deliver: Deliver) -> None:
    notice = await stopped(shop, mia, deliver)
    for server in "BCD":
        await limit(shop, server, on_sale=False)
    await mia.tap("Choose another service", notice)
    assert mia.last.labels == ["🔔 Tell me when it can be ordered", "🏠 Menu"]


async def test_nobody_asks_about_somebody_elses_order(shop: Shop, mia: Phone, omar: Phone, deliver: Deliver) -> None:
    notice = await stopped(shop, mia, deliver)
    start = await omar.say("/start")
    data = notice.data("Keep the money").replace("km:", "tm:")
    assert (await omar.press(data, start))[0] == "There is no such order among yours."


async def test_a_choice_that_is_all_too_dear_waits_for_the_money(
    shop: Shop, mia: Phone, ada: Phone, deliver: Deliver
) -> None:
    """As it says: whoever chooses, finds nothing to pay and tops up gets the button again."""
    notice = await stopped(shop, mia, deliver)
    for server in "BC":
        await limit(shop, server, rate=Money.parse("60.00"))
    await limit(shop, "D", on_sale=False)
    await mia.tap("Choose another service", notice)
    assert mia.last.text.splitlines()[-1].startswith("$5.00 is missing in your wallet for that. Top up")
    assert mia.last.labels[:2] == ["Server B · $24.00 ($5.00 missing)", "Server C · $24.00 ($5.00 missing)"]
    await ada.say("/credit 1001 5.00")
    await look(shop, deliver)
    await mia.tap("Order the remaining 400", mia.saying("The rest of order #1 can be ordered now"))
    assert await shop.balance() == "0.00"


async def test_a_choice_with_something_to_pay_names_what_is_missing_on_its_button_alone(
    shop: Shop, mia: Phone, deliver: Deliver
) -> None:
    notice = await stopped(shop, mia, deliver)
    await limit(shop, "B", rate=Money.parse("60.00"))
    await mia.tap("Choose another service", notice)
    assert "missing" not in mia.last.text
    assert "Server B · $24.00 ($5.00 missing)" in mia.last.labels


async def test_where_no_rest_is_left_a_choice_is_one_sentence(shop: Shop, mia: Phone, deliver: Deliver) -> None:
    notice = await stopped(shop, mia, deliver)
    await shop.tap(await bought(shop))
    await mia.tap("Choose another service", notice)
    assert mia.last.text == "The rest is ordered already. Nothing was bought again."


async def bought(shop: Shop) -> str:
    """The token of the notice's offer."""
    [token] = [notice.offer.token for notice in await shop.heard() if isinstance(notice, Partial) and notice.offer]
    return token
