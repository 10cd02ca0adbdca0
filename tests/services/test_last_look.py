"""The last look at a closed order: what its provider changed within the watch pays, heard at once or later."""

from collections.abc import Sequence

import pytest

from services import fulfilment
from services.panel_answers import RowError, Snapshot
from tests.scripted_panel import row
from tests.shop import Shop


async def completed(shop: Shop) -> int:
    order_id = await shop.placed()
    shop.north.rows["1"] = row("Completed", "0")
    await shop.poll()
    assert (await shop.order(order_id)).status == "completed"
    return order_id


async def test_a_last_look_without_an_answer_is_taken_again(shop: Shop) -> None:
    order_id = await completed(shop)
    shop.north.rows["1"] = row("Partial", "400")
    shop.north.raw_status = (502, "Bad Gateway")
    await shop.poll(hours=80)
    shop.north.raw_status = None
    await shop.poll(hours=2)
    assert str((await shop.order(order_id)).refunded) == "4.00"


async def test_a_last_look_that_is_not_answered_is_not_the_last_however_long_the_shop_slept(shop: Shop) -> None:
    order_id = await completed(shop)
    del shop.north.rows["1"]
    assert await shop.poll(hours=1000) == 1
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll(hours=2)
    assert str((await shop.order(order_id)).refunded) == "4.00"


async def test_a_last_look_whose_own_request_failed_does_not_count(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside requests that were answered."""
    order_id = await completed(shop)

    async def others(_order_ids: Sequence[str]) -> dict[str, Snapshot | RowError]:
        return {}

    with monkeypatch.context() as failing:
        failing.setattr(shop.clients["north"], "statuses", others)
        for _ in range(fulfilment.LAST_LOOKS + 1):
            assert await shop.poll(hours=80) == 1
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll(hours=2)
    assert str((await shop.order(order_id)).refunded) == "4.00"


async def test_a_last_look_with_an_answer_is_the_last(shop: Shop) -> None:
    await completed(shop)
    assert await shop.poll(hours=80) == 1
    assert await shop.poll(hours=2) == 0


async def test_an_order_that_is_never_answered_about_is_let_go_in_the_end(shop: Shop) -> None:
    await completed(shop)
    del shop.north.rows["1"]
    asked = [await shop.poll(hours=1.1) for _ in range(110)]
    assert 72 < sum(asked) < 100
    assert asked[-1] == 0


async def test_news_at_the_last_look_opens_a_new_watch(shop: Shop) -> None:
    order_id = await completed(shop)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll(hours=80)
    shop.north.rows["1"] = row("Canceled", "1000")
    await shop.poll(hours=2)
    assert str((await shop.order(order_id)).refunded) == "10.00"
