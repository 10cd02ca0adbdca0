"""An update is worked again when Telegram failed its answer: what it did once is not done twice, and it is answered."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiogram.methods import AnswerCallbackQuery, SendMessage
from aiogram.types import Update
from sqlalchemy import func, select

from services.models import Order
from tests.handlers.conftest import Method
from tests.handlers.phone import Phone, Shown
from tests.handlers.test_ordering import to_quote
from tests.scripted_panel import row
from tests.shop import MIA, Shop, offered

Again = Callable[[Update, Method], Awaitable[None]]
Deliver = Callable[[], Awaitable[None]]


@pytest.fixture
async def alert(shop: Shop, ada: Phone, deliver: Deliver) -> Shown:
    """Nobody knows whether North took an order of 1,000 for $10.00; it will answer no other either."""
    shop.north.adds = ["drop"] * 9
    await shop.buy()
    await shop.submit()
    await deliver()
    return ada.saying("Nobody knows")


async def test_an_order_is_sent_again_once_while_every_post_ends_in_doubt(
    alert: Shown, ada: Phone, shop: Shop, worked_again: Again
) -> None:
    await ada.tap("It is not there", alert)
    await worked_again(ada.tapping(ada.last.data("Send it again"), ada.last), AnswerCallbackQuery)
    assert len(shop.north.accepted) == 2
    assert (await shop.order(1)).status == "unknown"
    assert "was decided or sent again since" in ada.last.text
    assert "attempt 2" in ada.last.text


async def test_an_id_that_was_typed_is_followed_and_the_admin_reads_so(
    alert: Shown, ada: Phone, shop: Shop, worked_again: Again
) -> None:
    await ada.tap("It is there", alert)
    await worked_again(ada.typing("1"), SendMessage)
    assert (await shop.order(1)).status == "placed"
    assert "Order #1 · followed at the panel" in ada.last.text
    assert "What would you like to do?" in (await ada.say("1")).text


async def test_a_count_that_was_typed_settles_once_and_the_admin_reads_so(
    ada: Phone, shop: Shop, deliver: Deliver, worked_again: Again
) -> None:
    await shop.placed()
    shop.north.rows["1"] = row("Partial", None)
    for _ in range(3):
        await shop.poll(hours=1)
    await deliver()
    await ada.tap("Enter the delivered count")
    await worked_again(ada.typing("600"), SendMessage)
    assert await shop.balance() == "19.00"
    assert "This order is settled" in ada.last.text
    assert "What would you like to do?" in (await ada.say("600")).text


async def test_a_credit_is_given_once(ada: Phone, shop: Shop, worked_again: Again) -> None:
    await worked_again(ada.typing(f"/credit {MIA} 5 thanks"), SendMessage)
    assert await shop.balance() == "30.00"
    assert "$5.00 was put into the wallet of Mia" in ada.last.text


async def test_an_order_is_bought_once(mia: Phone, shop: Shop, worked_again: Again) -> None:
    quote = await to_quote(mia)
    await worked_again(mia.tapping(quote.data("Confirm"), quote), AnswerCallbackQuery)
    async with shop.db.read() as session:
        assert await session.value(select(func.count(Order.id))) == 1
    assert await shop.balance() == "15.00"


async def test_what_was_typed_once_answers_one_question(mia: Phone, shop: Shop, worked_again: Again) -> None:
    """60 would do for the next question too: 60 followers on each new post, and 60 minutes after it appears."""
    kind: dict[str, Any] = {"type": "Subscriptions", "min": 50, "max": 500}
    await shop.stock("north", offered("70", "Instagram Auto Likes", "A", "0.80", **kind))
    await mia.say("/new")
    for label in ("Instagram Auto Likes", "Server A", "🛒 Order"):
        await mia.tap(label)
    assert "How many on each new post?" in (await mia.say("@mia")).text
    await worked_again(mia.typing("60"), SendMessage)
    assert "How long after a post appears" in mia.last.text
