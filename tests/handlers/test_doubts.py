"""An admin decides from the alert: the order is there, it is not there, or so many were delivered."""

from collections.abc import Awaitable, Callable

import pytest

from services.fulfilment import SILENCES
from tests.handlers.phone import Phone, Shown
from tests.scripted_panel import row
from tests.shop import Shop

Deliver = Callable[[], Awaitable[None]]
OVERTAKEN = "Order #1 was decided or sent again since that was asked. Nothing more was done."


@pytest.fixture
async def alert(shop: Shop, ada: Phone, deliver: Deliver) -> Shown:
    """North took an order of 1,000 for $10.00 and closed the connection: the alert of it."""
    shop.north.adds = ["drop"]
    await shop.buy()
    await shop.submit()
    await deliver()
    return ada.saying("Nobody knows")


async def test_the_alert_offers_both_ways_out_and_what_is_known(alert: Shown, ada: Phone) -> None:
    assert alert.rows == [["It is there: enter its id"], ["It is not there"], ["What we know"]]
    await ada.tap("What we know", alert)
    told = ada.last.text
    assert all(words in told for words in ("Order #1", "north", "1,000 for $10.00", "instagram.com/p/abc", "attempt 1"))
    assert "There is no hint yet" in told
    assert ada.last.rows == [["It is there: enter its id"], ["It is not there"]]


async def test_an_order_that_is_there_is_followed_under_the_id_typed(alert: Shown, ada: Phone, shop: Shop) -> None:
    await ada.tap("It is there", alert)
    assert "send the id" in ada.last.text
    assert "not an order id" in (await ada.say("заказ")).text
    shop.north.rows["1"] = row("Partial", "400")
    assert "followed as 1" in (await ada.say("#1")).text
    await shop.poll()
    assert await shop.balance() == "19.00"


async def test_an_id_that_the_panel_does_not_know_is_asked_for_again(alert: Shown, ada: Phone, shop: Shop) -> None:
    await ada.tap("It is there", alert)
    shop.north.rows["abc"] = {"error": "Incorrect order ID"}
    assert "it has no order abc" in (await ada.say("abc")).text
    shop.north.raw_status = (502, "<html>Bad gateway</html>")
    assert "does not say just now" in (await ada.say("70001")).text
    shop.north.raw_status = None
    assert (await shop.order(1)).status == "unknown"
    shop.north.rows["70001"] = row("In progress", "900")
    assert "followed as 70001" in (await ada.say("70001")).text


async def test_an_order_that_is_not_there_gives_the_money_back_after_a_question(
    alert: Shown, ada: Phone, mia: Phone, shop: Shop, deliver: Deliver
) -> None:
    await ada.tap("It is not there", alert)
    assert "Only go on if you looked" in ada.last.text
    assert await shop.balance() == "15.00"
    await ada.tap("Give the money back")
    assert "back with the customer" in ada.last.text
    assert await shop.balance() == "25.00"
    await deliver()
    assert "did not take the order" in mia.saying("could not be placed").text


async def test_an_order_that_is_not_there_may_be_sent_again(alert: Shown, ada: Phone, shop: Shop) -> None:
    await ada.tap("It is not there", alert)
    await ada.tap("Send it again")
    assert await shop.submit() == 1
    assert (await shop.order(1)).status == "placed"


async def test_what_was_decided_is_not_decided_twice(alert: Shown, ada: Phone, shop: Shop) -> None:
    await ada.tap("It is not there", alert)
    question = ada.last
    give_back = question.data("Give the money back")
    await ada.press(give_back, question)
    told, is_alert = await ada.press(give_back, question)
    assert is_alert
    assert told == OVERTAKEN
    assert ada.last.text.startswith(f"{OVERTAKEN}\n\nOrder #1 · closed")
    assert ada.last.rows == []
    await ada.tap("It is there", alert)
    assert (await ada.say("1")).text.startswith(f"{OVERTAKEN}\n\nOrder #1 · closed")
    assert await shop.balance() == "25.00"


async def test_an_old_screen_decides_nothing_about_a_newer_attempt_and_turns_into_a_fresh_one(
    alert: Shown, ada: Phone, shop: Shop
) -> None:
    """Two admins have the question on their screens; after one of them sent it again, the other knows too little."""
    await ada.tap("It is not there", alert)
    ours = ada.last
    await ada.tap("It is not there", alert)
    theirs = ada.last
    shop.north.adds = ["drop"]
    await ada.tap("Send it again", ours)
    await shop.submit()
    for label in ("Send it again", "Give the money back"):
        assert await ada.press(theirs.data(label), None) == (OVERTAKEN, True)
    assert (await shop.order(1)).status == "unknown"
    await ada.tap("Send it again", theirs)
    assert theirs.text.startswith(f"{OVERTAKEN}\n\nOrder #1 · nobody knows whether the panel has it")
    assert "attempt 2" in theirs.text
    await ada.tap("It is there", alert)
    fresh = await ada.say("2")
    assert fresh.text.startswith(OVERTAKEN)
    await ada.tap("It is there", fresh)
    assert "followed as 2" in (await ada.say("2")).text


async def test_an_id_of_another_order_is_refused_and_asked_for_again(alert: Shown, ada: Phone, shop: Shop) -> None:
    await shop.placed(link="https://www.instagram.com/p/other")
    await ada.tap("It is there", alert)
    assert "Another order of ours has the id 2" in (await ada.say("2")).text
    assert "followed as 1" in (await ada.say("1")).text


async def test_customers_cannot_decide(alert: Shown, mia: Phone, shop: Shop) -> None:
    for label in ("It is there", "It is not there", "What we know"):
        told, _ = await mia.press(alert.data(label), None)
        assert told is not None
        assert "out of date" in told
    assert (await shop.order(1)).status == "unknown"


async def test_a_count_read_off_at_the_panel_settles_an_unreadable_partial(
    shop: Shop, ada: Phone, mia: Phone, deliver: Deliver
) -> None:
    await shop.placed()
    shop.north.rows["1"] = row("Partial", None)
    for _ in range(3):
        await shop.poll(hours=1)
    await deliver()
    await ada.tap("Enter the delivered count")
    for wrong in ("many", "1001", "-1"):
        assert "is not a count" in (await ada.say(wrong)).text
    assert "settled with 600 delivered" in (await ada.say("600")).text
    assert await shop.balance() == "19.00"
    await deliver()
    assert "600 of 1,000" in mia.saying("stopped early\n").text


async def test_an_order_that_the_panel_knows_nothing_of_is_given_back_from_its_alert(
    shop: Shop, ada: Phone, mia: Phone, deliver: Deliver
) -> None:
    await shop.placed()
    shop.north.rows["1"] = {"error": "Incorrect order ID"}
    for _ in range(SILENCES):
        await shop.poll(hours=1)
    await deliver()
    alert = ada.saying("says nothing about an order")
    assert all(words in alert.text for words in ("#1", "north", "Incorrect order ID"))
    await ada.tap("Enter the delivered count", alert)
    assert "settled with 0 delivered" in (await ada.say("0")).text
    assert await shop.balance() == "25.00"
    await deliver()
    assert "0 of 1,000" in mia.saying("stopped early\n").text


async def test_a_decision_does_not_disturb_the_admins_own_order(alert: Shown, ada: Phone) -> None:
    await ada.say("/new")
    for label in ("Instagram Likes", "Server A", "🛒 Order"):
        await ada.tap(label)
    await ada.say("https://instagram.com/p/own")
    await ada.tap("It is there", alert)
    await ada.say("1")
    await ada.tap("‹ Back", ada.saying("How many?"))
    assert "instagram.com/p/own" in ada.saying("You gave this link before").text
