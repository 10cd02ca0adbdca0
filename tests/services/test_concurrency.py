"""Everybody at once: what is bought, sent, refunded and undone happens once, in whatever order the tasks are let in.

The ledger's own laws (one key, many credits, the floor) stand in `test_ledger` and `test_wallet`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from services import fulfilment, orders, quotes, reorder
from services.db import Database
from services.errors import NotEnoughMoney, PriceChanged, RestOrdered, ShopError, TooLate
from services.models import Service
from services.money import Money
from services.notices import Canceled, Partial
from services.panel_answers import Snapshot
from services.provider import PanelClient
from tests.scripted_panel import KEY, row
from tests.shop import LINK, MIA, Shop, open_shop

OWNERS = 3


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """With clients that wait as long as a crowd may take."""
    async with open_shop(db) as opened:
        patient = {name: PanelClient(name, panel.url, KEY, deadline=60) for name, panel in opened.panels.items()}
        yield replace(opened, clients=patient)
        await opened.audit()
        for client in patient.values():
            await client.close()


@asynccontextmanager
async def owners(shop: Shop, url: str) -> AsyncIterator[list[Shop]]:
    """Three workers on one database: on PostgreSQL each with connections of its own, as processes have them."""
    databases = [shop.db if shop.db.on_sqlite else Database(url) for _ in range(OWNERS)]
    try:
        yield [replace(shop, db=db, owner=f"worker {number}") for number, db in enumerate(databases)]
    finally:
        for db in databases:
            if db is not shop.db:
                await db.close()


async def outcomes(*works: Awaitable[object]) -> list[object]:
    """What each gave, or the kind of its refusal; anything else that went wrong is raised."""
    ends = await asyncio.gather(*works, return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException) and not isinstance(end, ShopError):
            raise end
    return [type(end) if isinstance(end, ShopError) else end for end in ends]


async def test_200_buys_at_once_on_a_balance_for_25_buy_exactly_25(shop: Shop) -> None:
    quote = partial(quotes.quote, user_id=MIA, service_id=await shop.service(), quantity=100, now=shop.time)
    async with shop.db.write() as session:
        tokens = [(await quote(session, link=f"{LINK}{number}")).token for number in range(200)]
    bought = await outcomes(*(shop.tap(token) for token in tokens))
    assert sum(isinstance(one, orders.Placed) for one in bought) == 25
    assert bought.count(NotEnoughMoney) == 175
    assert await shop.balance() == "0.00"


async def test_workers_that_submit_at_once_send_each_order_once(shop: Shop, database_url: str) -> None:
    placed = [await shop.buy(50, f"{LINK}{number}") for number in range(40)]
    async with owners(shop, database_url) as workers:
        sent = await asyncio.gather(*(worker.submit() for worker in workers * 2))
    assert sum(sent) == 40
    assert sorted(form["link"] for form in shop.north.accepted) == sorted(f"{LINK}{number}" for number in range(40))
    assert {(await shop.order(number)).status for number in placed} == {"placed"}


async def test_workers_that_poll_at_once_refund_once_and_say_so_once(shop: Shop, database_url: str) -> None:
    for number in range(20):
        await shop.buy(100, f"{LINK}{number}")
    await shop.submit()
    for upstream in shop.north.rows:
        shop.north.rows[upstream] = row("Partial", "40")
    shop.wait(hours=1)
    async with owners(shop, database_url) as workers:
        await asyncio.gather(*(worker.poll(seconds=0) for worker in workers * 2))
    assert await shop.balance() == "13.00"
    assert sum(isinstance(notice, Partial) for notice in await shop.heard()) == 20


async def test_pollers_with_the_same_answer_in_hand_refund_once(shop: Shop, database_url: str) -> None:
    """As when a claim ran out under a slow one: all of them write what the panel said, at the same time."""
    number = await shop.placed()
    shop.north.rows["1"] = row("Canceled", "0", charge="0")
    said = (await shop.clients["north"].statuses(["1"]))["1"]
    assert isinstance(said, Snapshot)
    async with owners(shop, database_url) as workers:
        await asyncio.gather(*(applied(worker, {number: said}) for worker in workers * 3))
    assert await shop.balance() == "25.00"
    assert [type(notice) for notice in await shop.heard()] == [Canceled]


async def test_pollers_with_different_answers_in_hand_refund_the_greatest(shop: Shop, database_url: str) -> None:
    """Corrections of a closed order, read at different moments, written at the same: 6.00 in all, not their sum."""
    number = await shop.placed()
    answers = []
    for remains in ("300", "400", "500", "600"):
        shop.north.rows["1"] = row("Partial", remains)
        said = (await shop.clients["north"].statuses(["1"]))["1"]
        assert isinstance(said, Snapshot)
        answers.append(said)
    await applied(shop, {number: answers[0]})
    async with owners(shop, database_url) as workers:
        await asyncio.gather(*(applied(worker, {number: said}) for worker in workers for said in answers))
    assert str((await shop.order(number)).refunded) == "6.00"
    assert await shop.balance() == "21.00"


async def applied(worker: Shop, news: dict[int, Snapshot]) -> None:
    apply = partial(fulfilment.apply, client=worker.clients["north"], news=news, policy=worker.policy, now=worker.time)
    await worker.db.retrying(apply)


@pytest.mark.parametrize("first", ["undo", "submit"])
async def test_of_undo_and_submit_at_once_exactly_one_wins(shop: Shop, database_url: str, first: str) -> None:
    """Twenty races: each order is either sent or undone, its money held or back."""
    placed = [(await shop.tap((await shop.quote(100, f"{LINK}{n}")).token, undo=10)).order.id for n in range(20)]
    shop.wait(seconds=11)

    async def undo(number: int) -> None:
        async with shop.db.write() as session:
            await orders.undo(session, user_id=MIA, order_id=number, now=shop.time)

    async with owners(shop, database_url) as workers:
        sent = [worker.submit() for worker in workers]
        undone = [undo(number) for number in placed]
        raced = await outcomes(*((*undone, *sent) if first == "undo" else (*sent, *undone)))
    ends = {number: (await shop.order(number)).status for number in placed}
    assert set(ends.values()) <= {"canceled", "placed"}
    assert raced.count(TooLate) == list(ends.values()).count("placed") == len(shop.north.accepted)
    assert await shop.balance() == f"{25 - len(shop.north.accepted)}.00"


async def test_of_two_buttons_for_the_same_rest_tapped_at_once_one_buys(shop: Shop) -> None:
    number = await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    [notice] = await shop.heard()
    assert isinstance(notice, Partial)
    assert notice.offer is not None
    async with shop.db.write() as session:
        rest = await reorder.rest(session, user_id=MIA, order_id=number, now=shop.time)
    tokens = [notice.offer.token, *(offer.token for offer in rest.offers)]
    assert len(set(tokens)) > 2
    bought = await outcomes(*(shop.tap(token) for token in tokens))
    assert sum(isinstance(one, orders.Placed) for one in bought) == 1
    assert bought.count(RestOrdered) == len(tokens) - 1


async def test_two_people_with_the_same_button_buy_once_and_the_owner_alone(shop: Shop) -> None:
    token = (await shop.quote()).token
    bought = await outcomes(*(shop.tap(token, user_id) for user_id in (MIA, 1002) for _ in range(8)))
    placed = [one for one in bought if isinstance(one, orders.Placed)]
    assert (len(placed), sum(one.created for one in placed)) == (8, 1)
    assert await shop.balance() == "15.00"


async def test_a_cost_that_rises_while_it_is_bought_sells_nothing_below_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL a sync may commit between the look at the rate and the one at the cost."""
    quote, looked = await shop.quote(), quotes.rate_for

    async def then_it_rises(read: Any, *args: Any, **more: Any) -> Money:
        rate = await looked(read, *args, **more)
        await read.run(update(Service).values(cost=Money.parse("10.50"), rate=Money.parse("12")))
        return rate

    monkeypatch.setattr(quotes, "rate_for", then_it_rises)
    with pytest.raises(PriceChanged) as refused:
        await shop.tap(quote.token)
    assert refused.value.params["price"] == Money.parse("12")
    assert await shop.balance() == "25.00"
