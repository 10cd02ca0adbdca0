"""An open order that its provider says nothing about: counted, told to admins, settled by hand and by nothing else."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from services import doubts
from services.errors import TooLate
from services.fulfilment import SILENCES
from services.models import Order
from services.notices import AdminAlert, Partial
from services.panel_answers import RowError, Snapshot
from tests.scripted_panel import row
from tests.shop import ADMIN, LINK, Shop
from tests.statements import watched

LOST = {"error": "Incorrect order ID"}


async def polled(shop: Shop, times: int) -> None:
    for _ in range(times):
        assert await shop.poll(hours=1)


async def alerts(shop: Shop) -> list[AdminAlert]:
    return [notice for notice in await shop.heard(ADMIN) if isinstance(notice, AdminAlert)]


async def counted(shop: Shop, order_id: int, delivered: int) -> None:
    async with shop.db.write() as session:
        await doubts.counted(session, order_id=order_id, delivered=delivered, policy=shop.policy, now=shop.time)


async def overlooked(shop: Shop, times: int) -> None:
    """Its first order's provider has said nothing about it so often; all but the last time are only written down."""
    shop.north.rows["1"] = LOST
    async with shop.db.write() as session:
        first = select(func.min(Order.id)).scalar_subquery()
        await session.run(update(Order).where(Order.id == first).values(silent_looks=times - 1))
    await polled(shop, 1)


async def silent(shop: Shop) -> int:
    """An order that the provider took and has long known nothing of."""
    order_id = await shop.placed()
    await overlooked(shop, SILENCES)
    return order_id


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (LOST, "Incorrect order ID"),
        ({**row("Canceled", "0"), "error": "Incorrect order ID"}, "Incorrect order ID"),
        (None, "no row"),
    ],
)
async def test_admins_hear_once_of_an_order_that_stays_silent_and_it_stays_open(
    shop: Shop, said: object, answer: str
) -> None:
    order_id = await shop.placed()
    shop.north.rows["1"] = said
    await polled(shop, SILENCES - 1)
    assert await alerts(shop) == []
    await polled(shop, SILENCES)
    facts = {"provider": "north", "provider_order": "1", "answer": answer}
    assert await alerts(shop) == [AdminAlert("order-silent", order_id, facts)]
    assert (await shop.order(order_id)).status == "placed"
    assert await shop.heard() == []
    assert await shop.balance() == "15.00"


async def test_a_batch_that_leaves_an_order_out_is_its_silence_and_nobody_elses(shop: Shop) -> None:
    lost, found = await shop.placed(100), await shop.placed(100, f"{LINK}2")
    del shop.north.rows["1"]
    await polled(shop, SILENCES)
    assert [(alert.code, alert.order_id) for alert in await alerts(shop)] == [("order-silent", lost)]
    with pytest.raises(TooLate):
        await counted(shop, found, 0)


async def test_a_silent_order_is_asked_about_ever_less_and_told_of_within_two_hours(shop: Shop) -> None:
    await shop.placed()
    placed = shop.time
    shop.north.rows["1"] = LOST
    while not await alerts(shop):
        async with shop.db.read() as session:
            due = await session.value(select(func.min(Order.next_poll_at)))
        assert due is not None
        await shop.poll(seconds=(due - shop.time).total_seconds())
        assert shop.time < placed + timedelta(hours=2)
    assert shop.time > placed + timedelta(minutes=30)
    assert len([form for form in shop.north.asked if form["action"] == "status"]) == SILENCES


async def test_one_answer_ends_a_silence_and_another_silence_is_told_anew(shop: Shop) -> None:
    order_id = await shop.placed()
    for said in (row("Pending", "1000"), row("In progress", "1000")):
        await overlooked(shop, SILENCES - 1)
        shop.north.rows["1"] = said
        await polled(shop, 1)
    assert await alerts(shop) == []
    for silences in (1, 2):
        shop.wait(days=1)  # one alert a day
        await overlooked(shop, SILENCES)
        assert len(await alerts(shop)) == silences
        shop.north.rows["1"] = row("In progress", "1000")
        await polled(shop, 1)
        with pytest.raises(TooLate):
            await counted(shop, order_id, 0)


@pytest.mark.parametrize("trouble", [(502, "Bad Gateway"), (200, "<html>"), (200, '{"error": "Invalid API key"}')])
async def test_a_provider_that_does_not_answer_is_no_silence_of_its_orders(
    shop: Shop, trouble: tuple[int, str]
) -> None:
    order_id = await shop.placed()
    await overlooked(shop, SILENCES - 1)
    shop.north.raw_status = trouble
    await polled(shop, 2)
    assert await alerts(shop) == []
    with pytest.raises(TooLate):
        await counted(shop, order_id, 0)


async def test_a_request_that_failed_beside_others_is_no_silence_of_its_orders(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = await shop.placed()
    await overlooked(shop, SILENCES - 1)

    async def others(_order_ids: Sequence[str]) -> dict[str, Snapshot | RowError]:
        return {}

    monkeypatch.setattr(shop.clients["north"], "statuses", others)
    await polled(shop, 2)
    assert await alerts(shop) == []
    with pytest.raises(TooLate):
        await counted(shop, order_id, 0)


@pytest.mark.parametrize(("delivered", "balance"), [(600, "19.00"), (0, "25.00"), (1000, "15.00")])
async def test_a_silent_order_is_settled_by_what_an_admin_read_off(shop: Shop, delivered: int, balance: str) -> None:
    order_id = await silent(shop)
    await counted(shop, order_id, delivered)
    order = await shop.order(order_id)
    assert (order.status, order.delivered) == ("completed" if delivered == 1000 else "partial", delivered)
    assert await shop.balance() == balance
    with pytest.raises(TooLate):
        await counted(shop, order_id, 0)
    shop.north.rows["1"] = row("Partial", "400")
    await polled(shop, 2)
    assert await shop.balance() == ("25.00" if delivered == 0 else "19.00")


async def test_an_order_that_missed_an_answer_or_two_is_not_settled_by_hand(shop: Shop) -> None:
    order_id = await shop.placed()
    await overlooked(shop, SILENCES - 1)
    with pytest.raises(TooLate):
        await counted(shop, order_id, 0)


async def test_a_silent_order_that_is_found_again_ends_as_its_row_says(shop: Shop) -> None:
    order_id = await silent(shop)
    shop.north.rows["1"] = row("Partial", "400")
    await polled(shop, 1)
    assert (await shop.order(order_id)).status == "partial"
    assert [type(notice) for notice in await shop.heard()] == [Partial]


async def test_a_page_costs_one_more_statement_where_orders_fall_silent_and_none_where_nothing_is_new(
    shop: Shop,
) -> None:
    for number in range(5):
        await shop.placed(100, f"{LINK}{number}")
    await shop.poll(hours=1)
    assert await statements(shop) == 0
    for number in range(1, 5):
        shop.north.rows[str(number)] = LOST
    assert await statements(shop) == 1
    await polled(shop, SILENCES)
    assert await statements(shop) == 0
    shop.north.rows["1"] = shop.north.rows["2"] = row("Pending", "100")
    assert await statements(shop) == 1
    async with shop.db.read() as session:
        looks = await session.values(select(Order.silent_looks).order_by(Order.id))
    assert list(looks) == [0, 0, SILENCES, SILENCES, 0]


async def statements(shop: Shop) -> int:
    """How many statements write in a round of polling, beside each provider's claim."""
    with watched(shop.db) as seen:
        await polled(shop, 1)
    writes = [statement for statement in seen if statement.startswith(("UPDATE", "INSERT", "DELETE"))]
    return len(writes) - len(shop.clients)
