"""The plain scenarios that public bots get wrong, each with the right wallet and message; 1,000 for $10.00."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from services import fulfilment
from services.db import WriteSession
from services.notices import Canceled, Completed, Corrected, Partial, Verifying
from services.panel_answers import Snapshot
from tests.scripted_panel import row
from tests.shop import Shop


async def test_partial_polled_twice_pays_once(shop: Shop) -> None:
    order_id = await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    await shop.poll(hours=2)
    assert await shop.balance() == "19.00"
    assert (await shop.order(order_id)).status == "partial"
    [notice] = await shop.heard()
    assert isinstance(notice, Partial)
    assert (notice.delivered, notice.quantity, str(notice.refunded), str(notice.balance)) == (
        600,
        1000,
        "4.00",
        "19.00",
    )


@pytest.mark.parametrize("remains", ["1000", "0"])
async def test_canceled_gives_everything_back(shop: Shop, remains: str) -> None:
    await shop.placed()
    shop.north.rows["1"] = row("Canceled", remains, charge="0")
    await shop.poll()
    assert await shop.balance() == "25.00"
    [notice] = await shop.heard()
    assert isinstance(notice, Canceled)
    assert (notice.delivered, str(notice.refunded)) == (0, "10.00")


async def test_partial_without_remains_waits_for_the_number(shop: Shop) -> None:
    order_id = await shop.placed()
    shop.north.rows["1"] = row("Partial", None)
    await shop.poll()
    assert (await shop.order(order_id)).status == "placed"
    assert await shop.heard() == []
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    assert await shop.balance() == "19.00"
    assert [type(notice) for notice in await shop.heard()] == [Partial]


async def test_partial_with_more_remains_than_ordered_is_nothing_delivered(shop: Shop) -> None:
    await shop.placed()
    shop.north.rows["1"] = row("Partial", "1500")
    await shop.poll()
    assert await shop.balance() == "25.00"
    assert [type(notice) for notice in await shop.heard()] == [Canceled]


async def test_partial_with_negative_remains_is_delivered_in_full(shop: Shop) -> None:
    await shop.placed()
    shop.north.rows["1"] = row("Partial", "-50")
    await shop.poll()
    assert await shop.balance() == "15.00"
    assert [type(notice) for notice in await shop.heard()] == [Completed]


async def test_in_progress_then_partial_pays(shop: Shop) -> None:
    await shop.placed()
    shop.north.rows["1"] = row("In progress", "700")
    await shop.poll()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    assert await shop.balance() == "19.00"
    assert [type(notice) for notice in await shop.heard()] == [Partial]


@pytest.mark.parametrize("bad_row", [{"error": "Incorrect order ID"}, "Incorrect order ID", None, {"status": 17}])
async def test_a_bad_row_spoils_no_other_of_the_batch(shop: Shop, bad_row: object) -> None:
    first = await shop.placed()
    second = await shop.placed(link="https://www.instagram.com/p/other")
    shop.north.rows["1"] = bad_row
    shop.north.rows["2"] = row("Partial", "400")
    await shop.poll()
    assert (await shop.order(first)).status == "placed"
    assert (await shop.order(second)).status == "partial"
    assert await shop.balance() == "9.00"


async def test_two_pollers_at_once_pay_once(shop: Shop) -> None:
    await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    shop.wait(seconds=6)
    async with shop.db.write() as session:
        page = await fulfilment.claim_due(session, "north", shop.policy, shop.time)
    answers = await shop.clients["north"].statuses(["1"])
    assert isinstance(answers["1"], Snapshot)
    news = {order.view.id: answers["1"] for order in page}
    for _ in range(2):
        async with shop.db.write() as session:
            await fulfilment.apply(
                session,
                client=shop.clients["north"],
                news=news,
                policy=shop.policy,
                now=shop.time,
            )
    assert await shop.balance() == "19.00"
    assert [type(notice) for notice in await shop.heard()] == [Partial]


class Killed(BaseException):
    """Death as no code on the way can handle it."""


@pytest.mark.parametrize("commit", [1, 2])
async def test_killed_after_each_commit_then_polled_again_pays_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, commit: int
) -> None:
    order_id = await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    commits, write = 0, shop.db.write

    @asynccontextmanager
    async def killed_after() -> AsyncIterator[WriteSession]:
        nonlocal commits
        async with write() as session:
            yield session
        commits += 1
        if commits == commit:
            raise Killed

    with monkeypatch.context() as until_killed:
        until_killed.setattr(shop.db, "write", killed_after)
        with pytest.raises(BaseExceptionGroup) as death:
            await shop.poll()
        assert death.group_contains(Killed)
    await shop.poll(hours=2)
    assert await shop.balance() == "19.00"
    assert (await shop.order(order_id)).status == "partial"
    assert [type(notice) for notice in await shop.heard()] == [Partial]


async def test_a_read_timeout_on_add_over_five_cycles_orders_once(shop: Shop) -> None:
    shop.north.adds = ["hang"]
    order_id = await shop.buy()
    for _ in range(5):
        await shop.submit()
        shop.wait(minutes=5)
        await shop.sweep()
    assert len(shop.north.accepted) == 1
    assert (await shop.order(order_id)).status == "unknown"
    assert await shop.balance() == "15.00"
    assert [type(notice) for notice in await shop.heard()] == [Verifying]


async def test_a_connection_dropped_after_accepting_orders_once(shop: Shop) -> None:
    shop.north.adds = ["drop"]
    order_id = await shop.buy()
    for _ in range(5):
        await shop.submit()
        shop.wait(minutes=5)
    assert len(shop.north.accepted) == 1
    assert (await shop.order(order_id)).status == "unknown"


async def test_partial_300_then_400_pays_400_in_all(shop: Shop) -> None:
    await shop.placed()
    shop.north.rows["1"] = row("Partial", "300")
    await shop.poll()
    assert await shop.balance() == "18.00"
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll(hours=2)
    assert await shop.balance() == "19.00"
    partial, corrected = await shop.heard()
    assert isinstance(partial, Partial)
    assert isinstance(corrected, Corrected)
    assert (str(corrected.refunded), corrected.delivered) == ("1.00", 600)


async def test_partial_then_canceled_pays_the_whole_charge_and_no_more(shop: Shop) -> None:
    order_id = await shop.placed()
    shop.north.rows["1"] = row("Partial", "300")
    await shop.poll()
    shop.north.rows["1"] = row("Canceled", "0", charge="0")
    await shop.poll(hours=2)
    await shop.poll(hours=2)
    assert await shop.balance() == "25.00"
    assert str((await shop.order(order_id)).refunded) == "10.00"


async def test_completed_then_partial_within_the_watch_window_still_pays(shop: Shop) -> None:
    order_id = await shop.placed()
    shop.north.rows["1"] = row("Completed", "0")
    await shop.poll()
    assert await shop.balance() == "15.00"
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll(hours=2)
    assert await shop.balance() == "19.00"
    assert (await shop.order(order_id)).status == "partial"
    assert [type(notice) for notice in await shop.heard()] == [Completed, Partial]


async def test_after_the_watch_window_the_order_is_asked_about_no_more(shop: Shop) -> None:
    await shop.placed()
    shop.north.rows["1"] = row("Completed", "0")
    await shop.poll()
    await shop.poll(hours=73)
    before = len(shop.north.asked)
    await shop.poll(hours=100)
    assert len(shop.north.asked) == before
