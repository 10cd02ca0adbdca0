"""Refunds by hand: within what an order cost, once, told, and in step with whatever its provider says later."""

import pytest
from sqlalchemy import select

from services import refunding
from services.errors import OrderNotFound, RefundRefused
from services.models import OrderEvent, Transfer
from services.money import ZERO, Money
from services.notices import Partial
from services.staff_notices import Refunded
from tests.scripted_panel import row
from tests.shop import ADMIN, Shop

BY = f"admin:{ADMIN}"


async def refunded(shop: Shop, order_id: int, amount: str, before: str = "0") -> str:
    """Give so much back; the balance after it."""
    async with shop.db.write() as session:
        _, balance = await refunding.refund(
            session,
            order_id=order_id,
            amount=Money.parse(amount),
            before=Money.parse(before),
            note="late",
            actor=BY,
            now=shop.time,
        )
    return str(balance)


async def refused(shop: Shop, order_id: int, amount: str, before: str = "0") -> tuple[object, object]:
    with pytest.raises(RefundRefused) as refusal:
        await refunded(shop, order_id, amount, before)
    return refusal.value.params["reason"], refusal.value.params["left"]


async def test_a_part_of_what_was_kept_goes_back_and_its_customer_reads_why(shop: Shop) -> None:
    order_id = await shop.completed()
    assert await refunded(shop, order_id, "2.50") == "17.50"
    order = await shop.order(order_id)
    assert (order.status, order.refunded) == ("completed", Money.parse("2.50"))
    told = (await shop.heard())[-1]
    assert isinstance(told, Refunded)
    assert (told.order_id, told.refunded, told.balance) == (order_id, Money.parse("2.50"), Money.parse("17.50"))
    assert told.note == "late"
    assert (await shop.card(order_id)).refunded == Money.parse("2.50")
    await shop.audit()


async def test_the_ledger_and_the_story_say_who_did_it(shop: Shop) -> None:
    order_id = await shop.completed()
    await refunded(shop, order_id, "2.50")
    async with shop.db.read() as session:
        actor = await session.value(select(Transfer.actor).where(Transfer.code == "refund"))
        details = await session.values(select(OrderEvent.detail).order_by(OrderEvent.id.desc()).limit(1))
    assert actor == BY
    assert str(details[0]) == str({"delivered": 1000, "refunded": "2.50", "by": BY})


async def test_no_more_goes_back_than_the_charge_however_often(shop: Shop) -> None:
    order_id = await shop.completed()
    assert await refused(shop, order_id, "10.01") == ("much", Money.parse("10"))
    await refunded(shop, order_id, "7")
    assert await refused(shop, order_id, "3.01", before="7") == ("much", Money.parse("3"))
    assert await refunded(shop, order_id, "3", before="7") == "25.00"
    assert await refused(shop, order_id, "0.01", before="10") == ("nothing", ZERO)
    assert await shop.balance() == "25.00"
    await shop.audit()


async def test_what_came_back_since_it_was_asked_for_is_not_given_twice(shop: Shop) -> None:
    order_id = await shop.completed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll(hours=2)
    assert await refused(shop, order_id, "4") == ("moved", Money.parse("6"))
    assert await shop.balance() == "19.00"


async def test_a_later_answer_of_the_provider_pays_only_what_goes_beyond_it(shop: Shop) -> None:
    order_id = await shop.completed()
    await refunded(shop, order_id, "4.50")
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll(hours=2)
    assert await shop.balance() == "19.50"
    assert (await shop.order(order_id)).status == "completed"
    shop.north.rows["1"] = row("Partial", "500")
    await shop.poll(hours=2)
    assert await shop.balance() == "20.00"
    assert (await shop.order(order_id)).refunded == Money.parse("5")
    assert isinstance((await shop.heard())[-1], Partial)
    await shop.audit()


async def test_the_money_of_an_order_under_way_stays_held(shop: Shop) -> None:
    order_id = await shop.placed()
    assert await refused(shop, order_id, "1") == ("open", Money.parse("10"))
    assert await shop.balance() == "15.00"
    await shop.audit()


async def test_what_may_be_given_back_can_be_looked_at(shop: Shop) -> None:
    order_id = await shop.completed()
    async with shop.db.read() as session:
        found = await refunding.look(session, order_id)
        assert (found.left, found.open) == (Money.parse("10"), False)
        with pytest.raises(OrderNotFound):
            await refunding.look(session, 99)
    with pytest.raises(OrderNotFound):
        await refunded(shop, 99, "1")


async def test_what_the_staff_gave_back_is_told_from_what_the_provider_did(shop: Shop) -> None:
    order_id = await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    await refunded(shop, order_id, "1", "4")
    await refunded(shop, order_id, "2", "5")
    async with shop.db.read() as session:
        assert await refunding.by_hand(session, order_id) == Money.parse("3")
