"""Finish for me in the chat: its terms, its switches, and what each step and each end reads like."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import callbacks
from handlers.i18n import Texts
from handlers.notices import render
from services import finishing, notices
from services.money import Money
from tests.handlers.phone import Phone, Shown
from tests.scripted_panel import row
from tests.shop import Shop

Deliver = Callable[[], Awaitable[None]]


@pytest.fixture
async def notice(shop: Shop, mia: Phone, deliver: Deliver) -> Shown:
    """1,000 likes for $10.00 stopped at 600: the notice of it."""
    return await stopped(shop, mia, deliver)


async def stopped(shop: Shop, mia: Phone, deliver: Deliver) -> Shown:
    await shop.placed(1000)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    await deliver()
    return mia.saying("stopped early\n")


async def steps(shop: Shop, deliver: Deliver, page: str = "there") -> None:
    async with shop.db.write() as session:
        due = await finishing.claim(session, shop.time)
        for each in due:
            await finishing.step(session, each.goal_id, page=page, undo=timedelta(seconds=10), now=shop.time)
    await deliver()


async def test_the_terms_are_off_at_first_and_changed_by_taps(mia: Phone) -> None:
    await mia.say("/start")
    screen = await mia.say("/finish")
    assert screen.text.splitlines()[0] == "🤝 Finish for me"
    assert screen.text.splitlines()[-3:] == [
        "All your orders: off",
        "May cost at most 20 % more than the order itself",
        "With at most 3 further orders",
    ]
    assert screen.rows == [
        ["Turn on for all orders"],
        ["0 %", "10 %", "20 %", "50 %"],
        ["1 order", "2 orders", "3 orders", "5 orders"],
        ["🏠 Menu"],
    ]
    assert (screen.style("20 %"), screen.style("50 %")) == ("primary", None)
    for label in ("Turn on for all orders", "50 %", "1 order"):
        assert await mia.tap(label, screen) == ("Kept.", False)
    assert screen.text.splitlines()[-3:] == [
        "All your orders: on",
        "May cost at most 50 % more than the order itself",
        "With at most 1 further order",
    ]
    assert screen.labels[0] == "Turn off for all orders"


@pytest.mark.parametrize("data", ["fs:percent:33:0", "fs:orders:4:0"])
async def test_what_no_button_offers_is_not_kept(mia: Phone, data: str) -> None:
    await mia.say("/start")
    screen = await mia.say("/finish")
    before = screen.text
    await mia.press(data, screen)
    assert screen.text == before


async def test_one_tap_under_the_notice_goes_on_and_tells_it(
    notice: Shown, mia: Phone, shop: Shop, deliver: Deliver
) -> None:
    assert "We order the rest" not in notice.text
    said, alert = await mia.tap("🤝 Finish it for me", notice)
    assert (said, alert) == ("We go on with it: you hear of each step. /finish says what it may cost.", False)
    assert "🤝 Finish it for me" not in notice.labels
    await steps(shop, deliver)
    step = mia.saying("We go on with order #1")
    assert step.text.splitlines() == [
        "🤝 We go on with order #1",
        "Ordered: 400 on Server B for $4.00",
        "Balance now: $15.00",
        "",
        "Further orders: 1 of 3. Extra cost: $0.00 of $2.00 that you allow.",
    ]
    assert mia.saying("Order #2").labels[0] == "↩️ Undo"
    await mia.tap("🤝 Finish for me", step)
    assert "Order #1: on" in mia.last.text


async def test_with_all_orders_on_the_notice_says_that_it_goes_on(mia: Phone, shop: Shop, deliver: Deliver) -> None:
    await mia.say("/start")
    await mia.say("/finish")
    await mia.tap("Turn on for all orders")
    notice = await stopped(shop, mia, deliver)
    assert notice.text.splitlines()[-1] == "🤝 We order the rest for you now."
    assert "🤝 Finish it for me" not in notice.labels


async def test_who_keeps_the_money_keeps_it(mia: Phone, shop: Shop, deliver: Deliver) -> None:
    await mia.say("/start")
    await mia.say("/finish")
    await mia.tap("Turn on for all orders")
    notice = await stopped(shop, mia, deliver)
    await mia.tap("Keep the money", notice)
    await steps(shop, deliver)
    assert await shop.balance() == "19.00"


async def test_a_goal_is_told_apart_in_the_history(notice: Shown, mia: Phone, shop: Shop, deliver: Deliver) -> None:
    await mia.say("/orders")
    await mia.tap("🟡 #1")
    await mia.tap("🤝 Finish for me")
    screen = mia.last
    assert "Order #1: off" in screen.text
    assert screen.labels[0] == "Turn on for order #1"
    await mia.tap("Turn on for order #1")
    assert screen.labels[0] == "Turn off for order #1"
    await mia.tap("Turn off for order #1")
    await steps(shop, deliver)
    assert await shop.balance() == "19.00"
    await mia.tap("Turn on for order #1", screen)
    await steps(shop, deliver)
    assert await shop.balance() == "15.00"
    await mia.tap("‹ Back", screen)
    assert screen.text.startswith("Order #1 · In progress")


async def test_a_dead_link_ends_it_and_offers_nothing(notice: Shown, mia: Phone, shop: Shop, deliver: Deliver) -> None:
    await mia.tap("🤝 Finish it for me", notice)
    await steps(shop, deliver, "gone")
    end = mia.saying("We do not go on with order #1")
    assert end.text.splitlines()[-1].startswith("There is nothing behind your link any more")
    assert "Still missing: 400" in end.text
    assert end.labels == ["🤝 Finish for me"]


ENDED = notices.FinishStopped(1, 2, 400, "thousand", "limit", 3, Money.parse("2.00"))


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("orders", "The 3 further orders that you allow are used up."),
        ("limit", "Every other server would take it beyond the $2.00 of extra cost"),
        ("money", "Your wallet does not cover what another server asks."),
        ("no_alternative", "No other server offers this at the moment."),
        ("expired", "Its last day has passed."),
    ],
)
def test_each_end_is_said_with_what_to_do(texts: Texts, reason: str, said: str) -> None:
    screen = render(replace(ENDED, reason=reason), texts)
    assert said in screen.text
    assert screen.keyboard is not None
    assert [button.text for row in screen.keyboard.inline_keyboard for button in row] == [
        "Choose another service",
        "🤝 Finish for me",
    ]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("private", "Your link is private. Make it public, then turn this on again"),
        ("renamed", "Your link leads to another name now."),
        ("gone", "There is nothing behind your link any more"),
    ],
)
def test_for_a_dead_link_nothing_is_offered(texts: Texts, reason: str, said: str) -> None:
    screen = render(replace(ENDED, reason=reason), texts)
    assert said in screen.text
    assert screen.keyboard is not None
    assert [button.text for row in screen.keyboard.inline_keyboard for button in row] == ["🤝 Finish for me"]


async def test_nobody_turns_it_on_for_somebody_else(notice: Shown, omar: Phone) -> None:
    start = await omar.say("/start")
    for data in (
        callbacks.Finish(goal_id=1),
        callbacks.FinishSet(what="goal", value=1, goal_id=1),
        callbacks.FinishIt(order_id=1),
    ):
        assert (await omar.press(data.pack(), start))[0] == "There is no such order among yours."


async def test_while_nothing_is_sold_nothing_is_promised(notice: Shown, mia: Phone, shop: Shop) -> None:
    await shop.sell(on=False)
    said, alert = await mia.tap("🤝 Finish it for me", notice)
    assert ((said or "").startswith("Ordering is paused for the moment."), alert) == (True, True)
    assert "🤝 Finish it for me" in notice.labels


def test_a_refused_order_that_goes_on_elsewhere_says_so(texts: Texts) -> None:
    ten = Money.parse("10")
    refused = notices.Rejected(1, "Likes", "A", 1000, ten, ten, "bad_service", None, finishing=True)
    assert "🤝 We order the rest for you now." in render(refused, texts).text
