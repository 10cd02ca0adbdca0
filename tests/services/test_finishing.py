"""Finish for me: a chain over several servers within what was allowed, to the micro-unit; and all that ends it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from services import finishing, goals, orders, setback
from services.finishing import Allowed
from services.models import Finishing, Service
from services.money import Money
from services.notices import Canceled, FinishStep, FinishStopped, Notice, Partial, Rejected
from tests.scripted_panel import row
from tests.shop import LINK, MIA, Shop
from tests.statements import watched

OMAR = 1002
ALL = Allowed(everything=True, percent=20, orders=3)


async def allow(shop: Shop, allowed: Allowed = ALL) -> None:
    async with shop.db.write() as session:
        await finishing.allow(session, MIA, allowed)


async def turn(shop: Shop, goal_id: int, *, on: bool, user_id: int = MIA) -> None:
    async with shop.db.write() as session:
        await finishing.turn(session, user_id=user_id, goal_id=goal_id, on=on, now=shop.time)


async def steps(shop: Shop, pages: Mapping[str, str] | None = None, undo: float = 0) -> int:
    """All steps that are due, as the job takes them; how many."""
    taken = 0
    while True:
        async with shop.db.write() as session:
            due = await finishing.claim(session, shop.time)
        if not due:
            return taken
        for each in due:
            page = (pages or {}).get(each.link, "there")
            async with shop.db.write() as session:
                await finishing.step(session, each.goal_id, page=page, undo=timedelta(seconds=undo), now=shop.time)
            taken += 1


async def told(shop: Shop, kind: type[Notice]) -> list[Notice]:
    return [notice for notice in await shop.heard() if isinstance(notice, kind)]


async def goal(shop: Shop, goal_id: int) -> goals.GoalView:
    async with shop.db.read() as session:
        return await goals.find(session, MIA, goal_id)


async def change(shop: Shop, server: str, **values: object) -> None:
    async with shop.db.write() as session:
        await session.run(
            update(Service).where(Service.server == server, Service.name.like("Instagram%")).values(**values)
        )


async def stops(shop: Shop, provider: str, number: int, answer: dict[str, str]) -> None:
    """The provider's order of this number ends like this."""
    shop.panels[provider].rows[str(number)] = answer
    await shop.poll()


async def stopped(shop: Shop, remains: str = "400", quantity: int = 1000) -> int:
    order_id = await shop.placed(quantity)
    await stops(shop, "north", len(shop.north.accepted), row("Partial", remains))
    return order_id


async def test_it_is_off_until_it_is_turned_on(shop: Shop) -> None:
    order_id = await stopped(shop)
    assert await steps(shop) == 0
    [notice] = await told(shop, Partial)
    assert isinstance(notice, Partial)
    assert not notice.finishing
    assert len((await goal(shop, order_id)).parts) == 1


async def test_a_chain_over_three_servers_ends_with_all_of_it_within_the_limit(shop: Shop) -> None:
    """A 600, B 300 of 400, C the last 100: $10.00 + nothing extra, and each step told."""
    await allow(shop)
    order_id = await stopped(shop)
    assert await steps(shop) == 1
    await shop.submit()
    await stops(shop, "south", 1, row("Partial", "100"))
    assert await steps(shop) == 1
    await shop.submit()
    await stops(shop, "north", 2, row("Completed", "0"))
    found = await goal(shop, order_id)
    assert [(part.server, part.delivered) for part in found.parts] == [("A", 600), ("B", 300), ("C", 100)]
    assert (found.delivered, str(found.paid), await shop.balance()) == (1000, "9.25", "15.75")
    assert await steps(shop) == 0
    assert [
        (step.orders, str(step.price), str(step.balance), step.used, step.most, str(step.extra), str(step.limit))
        for step in await told(shop, FinishStep)
        if isinstance(step, FinishStep)
    ] == [
        ([["B", 400]], "4.00", "15.00", 1, 3, "0.00", "2.00"),
        ([["C", 100]], "0.25", "15.75", 2, 3, "0.00", "2.00"),
    ]
    assert [notice.finishing for notice in await told(shop, Partial) if isinstance(notice, Partial)] == [True, True]


async def test_one_goal_is_finished_where_it_alone_was_turned_on(shop: Shop) -> None:
    first = await shop.placed(1000)
    second = await shop.placed(1000, f"{LINK}2")
    await turn(shop, first, on=True)
    shop.north.rows |= {"1": row("Partial", "400"), "2": row("Partial", "400")}
    await shop.poll()
    assert await steps(shop) == 1
    assert [len((await goal(shop, each)).parts) for each in (first, second)] == [2, 1]


async def test_one_goal_may_be_left_out(shop: Shop) -> None:
    await allow(shop)
    order_id = await shop.placed(1000)
    await turn(shop, order_id, on=False)
    await stops(shop, "north", 1, row("Partial", "400"))
    assert (await steps(shop), len((await goal(shop, order_id)).parts)) == (0, 1)


async def test_turned_on_after_it_stopped_it_goes_on_at_once(shop: Shop) -> None:
    order_id = await stopped(shop)
    await turn(shop, order_id, on=True)
    assert (await steps(shop), len((await goal(shop, order_id)).parts)) == (1, 2)


async def test_turned_on_with_nothing_missing_it_waits(shop: Shop) -> None:
    order_id = await shop.placed(1000)
    await turn(shop, order_id, on=True)
    assert await steps(shop) == 1
    assert (len((await goal(shop, order_id)).parts), await told(shop, FinishStopped)) == (1, [])
    await stops(shop, "north", 1, row("Partial", "400"))
    assert (await steps(shop), len((await goal(shop, order_id)).parts)) == (1, 2)


@pytest.mark.parametrize("page", sorted(finishing.DEAD))
async def test_a_dead_link_ends_it_at_once(shop: Shop, page: str) -> None:
    await allow(shop)
    order_id = await stopped(shop)
    assert await steps(shop, {LINK: page}) == 1
    [end] = await told(shop, FinishStopped)
    assert isinstance(end, FinishStopped)
    assert (end.goal_id, end.order_id, end.lacking, end.reason) == (order_id, order_id, 400, page)
    assert len((await goal(shop, order_id)).parts) == 1
    async with shop.db.write() as session:
        assert await finishing.wake(session, {order_id}, shop.time) == set()
    assert await steps(shop) == 0, "it is off for this goal, whatever stops in it"
    await turn(shop, order_id, on=True)
    assert (await steps(shop), len((await goal(shop, order_id)).parts)) == (1, 2), "turned on again, it goes on"


async def test_a_page_that_says_nothing_holds_nobody_up(shop: Shop) -> None:
    await allow(shop)
    order_id = await stopped(shop)
    await steps(shop, {LINK: "unclear"})
    assert len((await goal(shop, order_id)).parts) == 2


async def test_the_orders_that_are_allowed_are_not_exceeded(shop: Shop) -> None:
    await allow(shop, replace(ALL, orders=1))
    order_id = await stopped(shop)
    await steps(shop)
    await shop.submit()
    await stops(shop, "south", 1, row("Canceled", "400"))
    assert await steps(shop) == 1
    [end] = await told(shop, FinishStopped)
    assert isinstance(end, FinishStopped)
    assert (end.reason, end.most, end.lacking) == ("orders", 1, 400)
    assert len((await goal(shop, order_id)).parts) == 2


@pytest.mark.parametrize(
    ("percent", "rate", "goes_on"),
    [(20, "15.00", True), (20, "15.000001", False), (0, "10.01", False), (0, "10.00", True)],
)
async def test_the_extra_cost_that_is_allowed_is_kept_to_the_micro_unit(
    shop: Shop, percent: int, rate: str, goes_on: bool
) -> None:
    """400 at $15.00 are $6.00: $12.00 in all, 20 % more than $10.00."""
    await allow(shop, replace(ALL, percent=percent))
    await change(shop, "B", rate=Money.parse(rate))
    await change(shop, "C", on_sale=False)
    order_id = await stopped(shop)
    await steps(shop)
    assert len((await goal(shop, order_id)).parts) == (2 if goes_on else 1)
    ends = await told(shop, FinishStopped)
    assert [end.reason for end in ends if isinstance(end, FinishStopped)] == ([] if goes_on else ["limit"])


async def test_a_dearer_server_is_passed_over_for_one_within_the_limit(shop: Shop) -> None:
    await allow(shop)
    await change(shop, "B", rate=Money.parse("15.01"))
    await change(shop, "C", rate=Money.parse("2.50"))
    order_id = await stopped(shop)
    await steps(shop)
    assert [part.server for part in (await goal(shop, order_id)).parts] == ["A", "C"]


async def test_what_a_cheap_server_saved_may_be_spent_on_the_next(shop: Shop) -> None:
    """The limit is on the whole goal, not on a step."""
    await allow(shop)
    await change(shop, "B", on_sale=False)
    order_id = await stopped(shop)
    await steps(shop)
    await shop.submit()
    await change(shop, "B", on_sale=True, rate=Money.parse("50.00"))
    await stops(shop, "north", 2, row("Partial", "100"))
    await steps(shop)
    found = await goal(shop, order_id)
    assert ([part.server for part in found.parts], str(found.paid)) == (["A", "C", "B"], "11.75")


async def test_too_little_money_ends_it_and_nothing_is_owed(shop: Shop) -> None:
    await allow(shop)
    for server in "BC":
        await change(shop, server, rate=Money.parse("12.50"))
    order_id = await shop.placed(1000)
    await shop.tap((await shop.quote(1500, link=f"{LINK}2")).token)
    await stops(shop, "north", 1, row("Partial", "400"))
    await steps(shop)
    [end] = await told(shop, FinishStopped)
    assert isinstance(end, FinishStopped)
    assert (end.reason, await shop.balance(), len((await goal(shop, order_id)).parts)) == ("money", "4.00", 1)


async def test_nobody_there_ends_it(shop: Shop) -> None:
    await allow(shop)
    for server in "BCD":
        await change(shop, server, on_sale=False)
    await stopped(shop)
    await steps(shop)
    [end] = await told(shop, FinishStopped)
    assert isinstance(end, FinishStopped)
    assert end.reason == "no_alternative"


async def test_a_rest_that_two_share_is_two_of_the_orders(shop: Shop) -> None:
    await allow(shop, replace(ALL, orders=1))
    await change(shop, "D", on_sale=False)
    for server in "BC":
        await change(shop, server, max=300)
    order_id = await stopped(shop)
    await steps(shop)
    [end] = await told(shop, FinishStopped)
    assert isinstance(end, FinishStopped)
    assert end.reason == "orders"
    await allow(shop)
    await turn(shop, order_id, on=True)
    await steps(shop)
    [made] = await told(shop, FinishStep)
    assert isinstance(made, FinishStep)
    assert (made.orders, made.used) == ([["B", 300], ["C", 100]], 2)


async def test_two_rests_of_one_goal_are_ordered_one_after_the_other(shop: Shop) -> None:
    await allow(shop, replace(ALL, orders=5, percent=50))
    await change(shop, "D", on_sale=False)
    for server in "BC":
        await change(shop, server, max=300)
    order_id = await stopped(shop)
    await steps(shop)
    await shop.submit()
    shop.panels["south"].rows["1"] = row("Partial", "60")
    shop.north.rows["2"] = row("Partial", "50")
    await change(shop, "D", on_sale=True, min=50)
    await shop.poll()
    await steps(shop)
    found = await goal(shop, order_id)
    assert [(part.server, part.quantity) for part in found.parts[3:]] == [("D", 60)]
    [end] = await told(shop, FinishStopped)
    assert isinstance(end, FinishStopped)
    assert (end.lacking, end.reason) == (50, "no_alternative")


async def test_what_was_undone_is_not_ordered_again(shop: Shop) -> None:
    await allow(shop)
    order_id = await stopped(shop)
    await steps(shop, undo=10)
    rest = (await goal(shop, order_id)).parts[1]
    async with shop.db.write() as session:
        await orders.undo(session, user_id=MIA, order_id=rest.id, now=shop.time)
    assert (await steps(shop), len((await goal(shop, order_id)).parts)) == (0, 2)


async def test_what_the_customer_ordered_meanwhile_is_not_ordered_again(shop: Shop) -> None:
    await allow(shop)
    order_id = await stopped(shop)
    [notice] = await told(shop, Partial)
    assert isinstance(notice, Partial)
    assert notice.offer is not None
    await shop.tap(notice.offer.token)
    assert await steps(shop) == 1
    assert (len((await goal(shop, order_id)).parts), await told(shop, FinishStep)) == (2, [])


async def test_a_refused_link_is_not_tried_on_the_next_server(shop: Shop) -> None:
    await allow(shop)
    shop.north.adds = [{"error": "neworder.error.link"}]
    await shop.placed(1000)
    assert await steps(shop) == 0


async def test_another_refusal_goes_on_elsewhere(shop: Shop) -> None:
    await allow(shop)
    shop.north.adds = [{"error": "Incorrect service ID"}]
    order_id = await shop.placed(1000)
    assert await steps(shop) == 1
    assert [part.server for part in (await goal(shop, order_id)).parts] == ["A", "B"]
    [notice] = await told(shop, Rejected)
    assert isinstance(notice, Rejected)
    assert notice.finishing


async def test_a_canceled_order_says_that_it_goes_on(shop: Shop) -> None:
    await allow(shop)
    await shop.placed(1000)
    await stops(shop, "north", 1, row("Canceled", "400"))
    [notice] = await told(shop, Canceled)
    assert isinstance(notice, Canceled)
    assert notice.finishing


async def test_while_nothing_is_sold_it_waits(shop: Shop) -> None:
    await allow(shop)
    order_id = await stopped(shop)
    await shop.sell(on=False)
    await steps(shop)
    assert len((await goal(shop, order_id)).parts) == 1
    await shop.sell(on=True)
    shop.wait(seconds=16)
    assert (await steps(shop), len((await goal(shop, order_id)).parts)) == (1, 2)


async def test_whoever_dies_after_the_claim_leaves_the_step_to_the_next(shop: Shop) -> None:
    await allow(shop)
    order_id = await stopped(shop)
    async with shop.db.write() as session:
        assert [each.goal_id for each in await finishing.claim(session, shop.time)] == [order_id]
    assert await steps(shop) == 0, "somebody has it"
    shop.wait(seconds=16)
    assert (await steps(shop), len((await goal(shop, order_id)).parts)) == (1, 2)


async def test_a_clock_that_is_set_back_holds_no_step_up(shop: Shop) -> None:
    await allow(shop)
    order_id = await stopped(shop)
    shop.wait(hours=-1)
    async with shop.db.write() as session:
        await setback.bring_back(session, shop.policy, shop.time)
    assert (await steps(shop), len((await goal(shop, order_id)).parts)) == (1, 2)


async def test_a_step_taken_twice_orders_once(shop: Shop) -> None:
    await allow(shop)
    order_id = await stopped(shop)
    for _ in range(2):
        async with shop.db.write() as session:
            await finishing.step(session, order_id, page="there", undo=timedelta(0), now=shop.time)
    assert len((await goal(shop, order_id)).parts) == 2


async def test_a_page_of_stopped_orders_is_woken_by_two_statements(shop: Shop) -> None:
    await allow(shop)
    ids = [await shop.placed(100, f"{LINK}{number}") for number in range(5)]
    with watched(shop.db) as seen:
        async with shop.db.write() as session:
            assert await finishing.wake(session, set(ids), shop.time) == set(ids)
            assert await finishing.wake(session, set(), shop.time) == set()
    assert len([statement for statement in seen if "finishings" in statement]) == 2
    async with shop.db.read() as session:
        assert len(await session.values(select(Finishing.goal_id))) == 5
