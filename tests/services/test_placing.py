"""Sending orders upstream: one licence, one POST, and every end of it leads where it must."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import select

from services import doubts, placing
from services.models import Attempt
from services.notices import AdminAlert, Rejected, Verifying
from services.provider import PanelClient
from tests.scripted_panel import KEY, row
from tests.shop import ADMIN, Shop


async def attempts(shop: Shop) -> list[tuple[int, str, str | None]]:
    async with shop.db.read() as session:
        found = await session.all(select(Attempt.number, Attempt.outcome, Attempt.evidence).order_by(Attempt.id))
    return [(row.number, row.outcome, row.evidence) for row in found]


async def test_an_accepted_order_is_placed_under_the_providers_id(shop: Shop) -> None:
    order_id = await shop.buy()
    assert await shop.submit() == 1
    assert (await shop.order(order_id)).status == "placed"
    assert await attempts(shop) == [(1, "accepted", "1")]
    assert shop.north.asked[0] == {
        "key": "scripted",
        "action": "add",
        "service": "1",
        "link": "https://www.instagram.com/p/abc",
        "quantity": "1000",
    }


async def test_a_placed_order_is_sent_no_second_time(shop: Shop) -> None:
    await shop.placed()
    for _ in range(3):
        shop.wait(hours=1)
        assert await shop.submit() == 0
    assert len(shop.north.accepted) == 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("neworder.error.not_enough_funds", "not_enough_funds"),
        ("Incorrect service ID", "bad_service"),
        ("neworder.error.link_duplicate", "duplicate_link"),
        ("anything else", "other"),
    ],
)
async def test_a_refusal_gives_all_the_money_back_at_once(shop: Shop, error: str, reason: str) -> None:
    shop.north.adds = [{"error": error}]
    order_id = await shop.buy()
    await shop.submit()
    assert (await shop.order(order_id)).status == "rejected"
    assert await shop.balance() == "25.00"
    [notice] = await shop.heard()
    assert isinstance(notice, Rejected)
    assert (notice.reason, str(notice.refunded)) == (reason, "10.00")
    assert notice.offer is not None
    assert notice.offer.server == "B"
    [alert] = await shop.heard(ADMIN)
    assert isinstance(alert, AdminAlert)
    assert alert.facts["evidence"] == error


@pytest.mark.parametrize(
    "said", ["hang", "drop", (500, "oops"), (502, "<html>"), (200, "<html>"), {"order": 0}, {"order": None}]
)
async def test_every_ambiguous_end_holds_the_money_and_is_never_sent_again(shop: Shop, said: object) -> None:
    shop.north.adds = [said]
    order_id = await shop.buy()
    await shop.submit()
    for _ in range(3):
        shop.wait(hours=1)
        await shop.submit()
        await shop.sweep()
    assert (await shop.order(order_id)).status == "unknown"
    assert await shop.balance() == "15.00"
    assert len([form for form in shop.north.asked if form["action"] == "add"]) == 1
    assert [type(notice) for notice in await shop.heard()] == [Verifying]
    assert [notice.code for notice in await shop.heard(ADMIN) if isinstance(notice, AdminAlert)] == ["order-unknown"]


async def test_an_id_that_another_order_has_is_not_believed(shop: Shop) -> None:
    first = await shop.placed()
    shop.north.adds = [{"order": 1}]
    second = await shop.buy()
    await shop.submit()
    assert (await shop.order(first)).status == "placed"
    assert (await shop.order(second)).status == "unknown"


async def test_where_nothing_was_sent_it_is_sent_later_with_a_growing_pause(shop: Shop) -> None:
    north = shop.clients.pop("north")
    order_id = await shop.buy()
    async with unreachable(shop):
        assert await shop.submit() == 1
        assert (await shop.order(order_id)).status == "queued"
        assert await shop.submit() == 0
        shop.wait(seconds=2)
        assert await shop.submit() == 1
        shop.wait(seconds=2)
        assert await shop.submit() == 0
    shop.clients["north"] = north
    shop.wait(seconds=2)
    assert await shop.submit() == 1
    assert (await shop.order(order_id)).status == "placed"
    assert [outcome for _, outcome, _ in await attempts(shop)] == ["unsent", "unsent", "accepted"]
    assert await shop.heard() == []


async def test_a_provider_out_of_reach_for_too_long_gives_the_order_up(shop: Shop) -> None:
    shop.clients.pop("north")
    order_id = await shop.buy()
    async with unreachable(shop):
        for _ in range(shop.policy.unsent_tries):
            await shop.submit()
            shop.wait(minutes=6)
    assert (await shop.order(order_id)).status == "rejected"
    assert await shop.balance() == "25.00"
    [notice] = await shop.heard()
    assert isinstance(notice, Rejected)
    assert notice.reason == "unreachable"


async def test_a_sender_that_died_leaves_an_order_to_be_verified(shop: Shop) -> None:
    order_id = await shop.buy()
    await claimed(shop)
    await shop.sweep()
    assert (await shop.order(order_id)).status == "placing"
    shop.wait(seconds=20)
    assert await shop.submit() == 0
    await shop.sweep()
    assert (await shop.order(order_id)).status == "unknown"
    assert [type(notice) for notice in await shop.heard()] == [Verifying]


async def test_late_evidence_settles_a_doubt(shop: Shop) -> None:
    order_id = await shop.buy()
    [licence] = await claimed(shop)
    shop.wait(minutes=1)
    await shop.sweep()
    await recorded(shop, licence, placing.Answer("accepted", "77", provider_order_id="77"))
    assert (await shop.order(order_id)).status == "placed"
    shop.north.rows["77"] = row("Partial", "400")
    await shop.poll()
    assert await shop.balance() == "19.00"


async def test_doubt_ends_for_the_customer_after_the_policy_time(shop: Shop) -> None:
    shop.north.adds = ["drop"]
    order_id = await shop.buy()
    await shop.submit()
    shop.wait(hours=23)
    await shop.sweep()
    assert await shop.balance() == "15.00"
    shop.wait(hours=1)
    await shop.sweep()
    await shop.sweep()
    assert (await shop.order(order_id)).status == "rejected"
    assert await shop.balance() == "25.00"
    assert [type(notice) for notice in await shop.heard()] == [Verifying, Rejected]


async def test_who_becomes_an_admin_hears_once_of_each_doubt_that_was_there_before(shop: Shop) -> None:
    shop.north.adds = ["drop"]
    shop.policy = replace(shop.policy, admins=())
    await shop.placed()
    shop.wait(minutes=6)
    for admins in ((ADMIN,), (ADMIN,), (ADMIN, 9002), (ADMIN, 9002)):
        shop.policy = replace(shop.policy, admins=admins)
        await shop.sweep()
        await shop.audit()
    for admin in (ADMIN, 9002):
        assert [notice.code for notice in await shop.heard(admin) if isinstance(notice, AdminAlert)] == [
            "order-unknown"
        ]


async def test_an_acceptance_after_the_money_went_back_is_told_to_an_admin_and_costs_the_customer_nothing(
    shop: Shop,
) -> None:
    order_id = await shop.buy()
    [licence] = await claimed(shop)
    shop.wait(minutes=1)
    await shop.sweep()
    shop.wait(hours=25)
    await shop.sweep()
    await recorded(shop, licence, placing.Answer("accepted", "77", provider_order_id="77"))
    assert (await shop.order(order_id)).status == "rejected"
    assert await shop.balance() == "25.00"
    codes = [notice.code for notice in await shop.heard(ADMIN) if isinstance(notice, AdminAlert)]
    assert codes == ["order-unknown", "order-given-up", "accepted-late"]
    assert (await attempts(shop))[0][1] == "accepted"


async def test_one_slow_provider_holds_up_no_others_orders(shop: Shop) -> None:
    shop.north.adds = ["hang"]
    await shop.buy()
    quote = await shop.quote(100, service_id=await shop.service("south"))
    other = (await shop.tap(quote.token)).order
    assert await shop.submit() == 2
    assert (await shop.order(other.id)).status == "placed"


@pytest.fixture
async def keyed(shop: Shop) -> AsyncIterator[Shop]:
    """North knows our key: sent again with it, an order is not bought twice."""
    await shop.clients["north"].close()
    north = PanelClient("north", shop.north.url, KEY, deadline=1.5, idempotency_parameter="request_id")
    shop.clients["north"] = north
    shop.policy = replace(shop.policy, idempotent=("north",))
    yield shop
    await north.close()


async def test_a_provider_that_takes_a_key_settles_the_doubt_itself(keyed: Shop) -> None:
    shop = keyed
    shop.north.adds = ["drop", {"order": 1}]
    order_id = await shop.buy()
    await shop.submit()
    await shop.sweep()
    assert await shop.submit() == 0
    shop.wait(minutes=1)
    await shop.sweep()
    assert await shop.submit() == 1
    assert (await shop.order(order_id)).status == "placed"
    keys = {form["request_id"] for form in shop.north.accepted}
    assert len(keys) == 1


@pytest.mark.parametrize("second", [{"error": "neworder.error.not_enough_funds"}, "drop"])
async def test_no_later_answer_proves_that_the_first_post_did_not_arrive(keyed: Shop, second: object) -> None:
    shop = keyed
    shop.north.adds = ["drop", second, second, second, second]
    order_id = await shop.buy()
    for _ in range(8):
        await shop.submit()
        shop.wait(minutes=1)
        await shop.sweep()
    assert (await shop.order(order_id)).status == "unknown"
    assert await shop.balance() == "15.00"
    assert len(await attempts(shop)) == 1 + shop.policy.ask_again
    assert [type(notice) for notice in await shop.heard()] == [Verifying]


async def sent_again(shop: Shop) -> int:
    """An order whose first POST nobody answered, and that an admin, who did not find it there, sends once more."""
    shop.north.adds = ["drop"]
    order_id = await shop.buy()
    await shop.submit()
    async with shop.db.write() as session:
        await doubts.missing(session, order_id=order_id, attempt=1, again=True, actor=f"admin:{ADMIN}", now=shop.time)
    return order_id


async def test_a_doubt_that_an_admin_settled_stays_settled_where_nothing_was_sent(shop: Shop) -> None:
    """Then the order goes on being tried, and a refusal is believed."""
    order_id = await sent_again(shop)
    north = shop.clients["north"]
    async with unreachable(shop):
        for _ in range(2):
            assert await shop.submit() == 1
            assert (await shop.order(order_id)).status == "queued"
            shop.wait(minutes=1)
    shop.clients["north"] = north
    shop.north.adds = [{"error": "neworder.error.not_enough_funds"}]
    assert await shop.submit() == 1
    assert (await shop.order(order_id)).status == "rejected"
    assert await shop.balance() == "25.00"


async def test_an_admin_settles_no_doubt_about_what_is_sent_later(keyed: Shop) -> None:
    shop = keyed
    order_id = await sent_again(shop)
    shop.north.adds = ["drop", {"error": "neworder.error.not_enough_funds"}]
    await shop.submit()
    shop.wait(minutes=1)
    await shop.sweep()
    assert await shop.submit() == 1
    assert (await shop.order(order_id)).status == "unknown"
    assert await shop.balance() == "15.00"


async def test_a_provider_without_a_key_is_never_asked_twice(shop: Shop) -> None:
    shop.north.adds = ["drop"]
    await shop.buy()
    for _ in range(5):
        await shop.submit()
        shop.wait(minutes=1)
        await shop.sweep()
    assert len(await attempts(shop)) == 1


async def overtaken(shop: Shop) -> tuple[int, placing.Licence]:
    """An order whose sender stalled, and that an admin has sent back into the queue; the stalled licence."""
    order_id = await shop.buy()
    [stalled] = await claimed(shop)
    shop.wait(minutes=1)
    await shop.sweep()
    async with shop.db.write() as session:
        await doubts.missing(session, order_id=order_id, attempt=1, again=True, actor=f"admin:{ADMIN}", now=shop.time)
    return order_id, stalled


@pytest.mark.parametrize("outcome", ["unsent", "rejected", "ambiguous"])
async def test_an_answer_to_an_old_licence_says_nothing_of_the_newer_one(shop: Shop, outcome: str) -> None:
    """Else the order would be sent a third time, or paid back, while its second POST is on its way."""
    order_id, stalled = await overtaken(shop)
    await recorded(shop, stalled, placing.Answer(outcome, "late"))
    assert (await shop.order(order_id)).status == "queued"
    [current] = await claimed(shop)
    await recorded(shop, stalled, placing.Answer(outcome, "late"))
    assert (await shop.order(order_id)).status == "placing"
    await recorded(shop, current, placing.Answer("accepted", "5", provider_order_id="5"))
    assert (await shop.order(order_id)).status == "placed"
    assert await shop.balance() == "15.00"


async def test_an_order_that_was_accepted_after_all_is_not_sent_again(shop: Shop) -> None:
    order_id, stalled = await overtaken(shop)
    await recorded(shop, stalled, placing.Answer("accepted", "5", provider_order_id="5"))
    assert (await shop.order(order_id)).status == "placed"
    assert await shop.submit() == 0


async def claimed(shop: Shop) -> list[placing.Licence]:
    """Claim as a sender does that dies before its POST."""
    async with shop.db.write() as session:
        return await placing.claim(
            session, client=shop.clients["north"], policy=shop.policy, owner="dead", now=shop.time
        )


async def recorded(shop: Shop, licence: placing.Licence, answer: placing.Answer) -> None:
    record = partial(
        placing.record, client=shop.clients["north"], licence=licence, answer=answer, policy=shop.policy, now=shop.time
    )
    await shop.db.retrying(record)


class unreachable:  # noqa: N801 - reads as a context
    """North at an address where nobody listens."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._client = PanelClient("north", "http://127.0.0.1:1/api/v2", "key", deadline=1)

    async def __aenter__(self) -> None:
        self._shop.clients["north"] = self._client

    async def __aexit__(self, *exc: object) -> None:
        del self._shop.clients["north"]
        await self._client.close()


async def test_a_late_refusal_of_what_was_given_up_is_evidence_and_nothing_more(shop: Shop) -> None:
    order_id = await shop.buy()
    [licence] = await claimed(shop)
    shop.wait(minutes=1)
    await shop.sweep()
    await recorded(shop, licence, placing.Answer("ambiguous", "late"))
    assert (await shop.order(order_id)).status == "unknown"
    shop.wait(hours=25)
    await shop.sweep()
    told = await shop.heard(ADMIN)
    await recorded(shop, licence, placing.Answer("rejected", "too late"))
    assert (await shop.order(order_id)).status == "rejected"
    assert await shop.balance() == "25.00"
    assert await shop.heard(ADMIN) == told
    assert await attempts(shop) == [(1, "rejected", "too late")]
