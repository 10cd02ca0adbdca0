"""What the shop never does by itself: fail over what may be there, fall silent, hold others up, spend unasked."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import update

from bot import jobs
from services import causes, finishing, orders, reorder, setback, waiting
from services.db import WriteSession
from services.errors import NotEnoughMoney
from services.models import Finishing, User
from services.money import Money
from services.notices import Canceled, FinishStep, FinishStopped, Partial, Rejected
from tests.scripted_panel import row
from tests.services.test_finishing import ALL, allow, change, goal, steps, stopped, stops, told, turn
from tests.services.test_jobs import at_work
from tests.shop import LINK, MIA, Shop, offered


@dataclass
class Pages:
    """Looks at links that take their time and always say the same."""

    shop: Shop
    seconds: float
    code: str = "unclear"
    looks: int = 0

    async def codes(self, links: Collection[str], **_: Any) -> dict[str, str]:
        self.looks += 1
        self.shop.wait(seconds=self.seconds)
        return dict.fromkeys(links, self.code)


async def finish(shop: Shop, pages: Pages | None = None) -> None:
    """The job itself."""
    await jobs.finish(replace(at_work(shop), pages=pages))  # type: ignore[arg-type]


async def several(shop: Shop, number: int) -> list[int]:
    """So many orders that stopped at once."""
    ids = [await shop.placed(100, f"{LINK}{each}") for each in range(number)]
    shop.north.rows |= {str(each + 1): row("Partial", "60") for each in range(number)}
    await shop.poll()
    return ids


async def halves(shop: Shop) -> None:
    """B and C take 300 each at the most, and D is away."""
    await change(shop, "D", on_sale=False)
    for server in "BC":
        await change(shop, server, max=300)


async def test_what_nobody_could_verify_is_never_ordered_elsewhere_by_itself(shop: Shop) -> None:
    """Its provider may have taken it: the customer has the money back, and decides."""
    await allow(shop)
    shop.north.adds = ["drop"]
    order_id = await shop.buy(1000)
    await shop.submit()
    shop.wait(hours=25)
    await shop.sweep()
    assert (await shop.order(order_id)).status == "rejected"
    assert (await steps(shop), len((await goal(shop, order_id)).parts)) == (0, 1)
    [notice] = await told(shop, Rejected)
    assert isinstance(notice, Rejected)
    assert not notice.finishing


async def test_nor_is_a_rest_that_nobody_could_verify_when_more_of_its_goal_turns_out_to_be_missing(shop: Shop) -> None:
    """The 400 may be on their way: ordering the 500 that are missing now would buy them twice."""
    await allow(shop)
    order_id = await stopped(shop)
    shop.panels["south"].adds = ["drop"]
    assert await steps(shop) == 1
    await shop.submit()
    shop.wait(hours=25)
    await shop.sweep()
    shop.north.rows["1"] = row("Partial", "500")
    await shop.poll(hours=2)
    assert [(part.status, part.delivered) for part in (await goal(shop, order_id)).parts] == [
        ("partial", 500),
        ("rejected", 0),
    ]
    assert (await steps(shop), await shop.balance()) == (0, "20.00")


async def test_each_time_that_it_ends_is_told(shop: Shop) -> None:
    await allow(shop)
    order_id = await stopped(shop)
    await steps(shop, {LINK: "private"})
    shop.wait(minutes=1)
    await turn(shop, order_id, on=True)
    await steps(shop, {LINK: "private"})
    assert len(await told(shop, FinishStopped)) == 2


async def test_a_rest_that_is_on_its_way_under_another_button_is_not_missing(shop: Shop) -> None:
    """Of a rest that two shared one half fails; the customer orders it by the first notice's button."""
    await halves(shop)
    order_id = await stopped(shop)
    [notice] = await told(shop, Partial)
    assert isinstance(notice, Partial)
    assert notice.offer is not None
    await shop.tap(notice.offer.token)
    await shop.submit()
    await change(shop, "D", on_sale=True, min=50)
    await stops(shop, "south", 1, row("Canceled", "300", charge="0"))
    async with shop.db.write() as session:
        again = await reorder.rest(session, user_id=MIA, order_id=order_id, now=shop.time)
    await shop.tap(again.offers[0].token)
    assert (await goal(shop, order_id)).rests == []
    await turn(shop, order_id, on=True)
    await steps(shop)
    assert await told(shop, FinishStopped) == []


async def test_while_nothing_is_sold_a_run_of_the_job_comes_to_its_end(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finishing, "PAGE", 1)
    await allow(shop)
    await several(shop, 3)
    await shop.sell(on=False)
    pages = Pages(shop, seconds=16)
    await finish(shop, pages)
    assert pages.looks == 0


async def test_a_run_takes_each_goal_once_however_long_a_look_takes(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finishing, "PAGE", 1)
    await allow(shop)
    ids = await several(shop, 3)
    pages = Pages(shop, seconds=16)
    await finish(shop, pages)
    assert (pages.looks, [len((await goal(shop, each)).parts) for each in ids]) == (3, [2, 2, 2])


async def test_a_goal_that_cannot_be_gone_on_with_holds_up_no_other(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await allow(shop)
    ids = await several(shop, 3)
    real = finishing.step

    async def step(write: WriteSession, goal_id: int, **more: Any) -> None:
        if goal_id == ids[0]:
            raise NotEnoughMoney(price=Money(1), balance=Money(0), missing=Money(1))
        await real(write, goal_id, **more)

    monkeypatch.setattr(finishing, "step", step)
    await finish(shop)
    assert [len((await goal(shop, each)).parts) for each in ids] == [1, 2, 2]


async def test_what_was_seen_of_a_link_is_not_forgotten_over_a_page_that_says_nothing(shop: Shop) -> None:
    """And where it is dead nothing says that the shop goes on."""
    await allow(shop)
    order_id = await shop.placed(1000)
    async with shop.db.write() as session:
        await causes.remember(session, {LINK: "gone"}, shop.time)
    await stops(shop, "north", 1, row("Partial", "400"))
    [notice] = await told(shop, Partial)
    assert isinstance(notice, Partial)
    assert (notice.no_offer, notice.finishing) == ("gone", False)
    await finish(shop, Pages(shop, seconds=0))
    assert len((await goal(shop, order_id)).parts) == 1
    [end] = await told(shop, FinishStopped)
    assert isinstance(end, FinishStopped)
    assert end.reason == "gone"


async def test_what_a_page_says_is_remembered(shop: Shop) -> None:
    await allow(shop)
    await stopped(shop)
    await finish(shop, Pages(shop, seconds=0, code="there"))
    async with shop.db.read() as session:
        assert await causes.seen(session, LINK, shop.time) == "there"
        assert await causes.seen(session, f"{LINK}2", shop.time) == "unclear"


async def test_the_wallet_of_a_banned_person_is_left_alone(shop: Shop) -> None:
    await allow(shop)
    order_id = await shop.placed(1000)
    async with shop.db.write() as session:
        await session.run(update(User).where(User.id == MIA).values(banned=True))
    await stops(shop, "north", 1, row("Partial", "400"))
    await steps(shop)
    assert len((await goal(shop, order_id)).parts) == 1


async def test_what_a_correction_takes_back_is_finished_too(shop: Shop) -> None:
    """600 came and B brought the rest; then A says that it were 500."""
    await allow(shop)
    order_id = await stopped(shop)
    await steps(shop)
    await shop.submit()
    await stops(shop, "south", 1, row("Completed", "0"))
    shop.north.rows["1"] = row("Partial", "500")
    await shop.poll(hours=7)
    assert await steps(shop) == 1
    assert [part.quantity for part in (await goal(shop, order_id)).parts] == [1000, 400, 100]


async def test_whoever_takes_a_rest_back_has_no_other_ordered_in_this_goal(shop: Shop) -> None:
    """B has 300, C 100; B is taken back, and C stops: the shop orders neither again."""
    await allow(shop, replace(ALL, orders=5, percent=50))
    await halves(shop)
    order_id = await stopped(shop)
    await steps(shop, undo=10)
    taken_back = (await goal(shop, order_id)).parts[1]
    async with shop.db.write() as session:
        await orders.undo(session, user_id=MIA, order_id=taken_back.id, now=shop.time)
        assert not await finishing.is_on(session, user_id=MIA, goal_id=order_id)
    shop.wait(seconds=20)
    await shop.submit()
    await stops(shop, "north", 2, row("Partial", "60"))
    assert (await steps(shop), len((await goal(shop, order_id)).parts)) == (0, 3)


async def test_an_offer_beside_what_is_on_its_way_can_be_bought(shop: Shop) -> None:
    """The 400 fail on B and are shared by E and C; the 100 on C are taken back: B's order offers these."""
    await stopped(shop)
    [notice] = await told(shop, Partial)
    assert isinstance(notice, Partial)
    assert notice.offer is not None
    failed = (await shop.tap(notice.offer.token)).order
    await shop.submit()
    await stops(shop, "south", 1, row("Canceled", "400", charge="0"))
    await shop.stock("south", offered("77", "Instagram Likes", "E", "8.00", max=300))
    await halves(shop)
    async with shop.db.write() as session:
        found = await reorder.rest(session, user_id=MIA, order_id=failed.id, now=shop.time)
    placed = await shop.tap(found.offers[0].token, undo=10)
    assert placed.second is not None
    async with shop.db.write() as session:
        await orders.undo(session, user_id=MIA, order_id=placed.second.id, now=shop.time)
        found = await reorder.rest(session, user_id=MIA, order_id=failed.id, now=shop.time)
    assert found.remaining == placed.second.quantity
    assert (await shop.tap(found.offers[0].token)).created


async def test_a_cancelled_order_without_another_server_says_so(shop: Shop) -> None:
    for server in "BCD":
        await change(shop, server, on_sale=False)
    await shop.placed(1000)
    await stops(shop, "north", 1, row("Canceled", "400"))
    [notice] = await told(shop, Canceled)
    assert isinstance(notice, Canceled)
    assert (notice.offer, notice.no_offer) == (None, "no_alternative")


async def test_who_keeps_the_money_waits_no_more_and_nobody_waits_for_ever(shop: Shop) -> None:
    for server in "BCD":
        await change(shop, server, on_sale=False)
    first, second = await stopped(shop), await stopped(shop)
    async with shop.db.write() as session:
        await waiting.keep(session, [first, second], waiting.SERVER, shop.time)
        await waiting.forget(session, first)
    shop.wait(days=61)
    async with shop.db.write() as session:
        assert await waiting.look(session, shop.time) == 0
    await shop.stock("south")
    async with shop.db.write() as session:
        assert await waiting.look(session, shop.time) == 0


async def test_a_clock_that_is_set_back_keeps_nobody_from_being_looked_at(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "PAGE", 2)
    for server in "BCD":
        await change(shop, server, on_sale=False)
    ids = await several(shop, 3)
    async with shop.db.write() as session:
        await waiting.keep(session, ids, waiting.SERVER, shop.time)
    shop.wait(hours=-1)
    async with shop.db.write() as session:
        await setback.bring_back(session, shop.policy, shop.time)
    await shop.stock("south", offered("7", "Instagram Likes", "E", "8.00", min=10))
    looked = 0
    for _ in range(3):
        shop.wait(seconds=1)
        async with shop.db.write() as session:
            looked += await waiting.look(session, shop.time)
    assert looked == 3


async def test_a_second_rest_of_a_goal_is_due_at_once(shop: Shop) -> None:
    await allow(shop, replace(ALL, orders=5, percent=50))
    await halves(shop)
    order_id = await stopped(shop)
    await steps(shop)
    await shop.submit()
    await change(shop, "D", on_sale=True, min=10)
    shop.panels["south"].rows["1"] = row("Partial", "60")
    shop.north.rows["2"] = row("Partial", "50")
    await shop.stock("south", offered("77", "Instagram Likes", "E", "8.00", min=10))
    await change(shop, "D", min=10)
    await shop.poll()
    assert await steps(shop) == 2
    assert len(await told(shop, FinishStep)) == 3
    assert (await goal(shop, order_id)).rests == []
    async with shop.db.write() as session:
        await session.run(update(Finishing).values(due_at=None))
