"""What an admin decides where nobody else can know: each hand once, with the evidence in sight."""

import pytest
from sqlalchemy import insert, select

from services import doubts, ledger
from services.columns import Document
from services.errors import BadQuantity, IdTaken, OrderNotFound, TooLate
from services.models import OrderEvent, ProviderBalance
from services.money import Money
from services.notices import AdminAlert, Partial, Rejected, Verifying
from services.provider import PanelClient
from tests.scripted_panel import row
from tests.shop import ADMIN, LINK, Shop

ADA = f"admin:{ADMIN}"


async def doubted(shop: Shop) -> int:
    """An order whose POST was accepted and never answered."""
    shop.north.adds = ["drop"]
    order_id = await shop.buy()
    await shop.submit()
    assert (await shop.order(order_id)).status == "unknown"
    return order_id


async def arrived(shop: Shop, order_id: int, provider_order_id: str = "1", *, attempt: int = 1) -> None:
    async with shop.db.write() as session:
        await doubts.arrived(
            session,
            order_id=order_id,
            attempt=attempt,
            provider_order_id=provider_order_id,
            actor=ADA,
            policy=shop.policy,
            now=shop.time,
        )


async def missing(shop: Shop, order_id: int, *, again: bool, attempt: int = 1) -> None:
    async with shop.db.write() as session:
        await doubts.missing(session, order_id=order_id, attempt=attempt, again=again, actor=ADA, now=shop.time)


async def test_an_order_found_at_the_provider_is_followed_like_any_other(shop: Shop) -> None:
    order_id = await doubted(shop)
    await arrived(shop, order_id)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    assert await shop.balance() == "19.00"
    assert [type(notice) for notice in await shop.heard()] == [Verifying, Partial]
    async with shop.db.read() as session:
        details = await session.values(select(OrderEvent.detail).where(OrderEvent.status == "placed"))
    assert list(details) == [Document({"by": ADA})]


async def test_an_id_is_seen_where_the_provider_tells_how_its_order_stands(shop: Shop) -> None:
    order_id = await doubted(shop)

    async def seen(clients: dict[str, PanelClient]) -> bool | None:
        return await doubts.seen(shop.db, clients, order_id=order_id, provider_order_id="77")

    assert await seen(shop.clients) is False
    assert await seen({}) is None
    shop.north.raw_status = (502, "<html>Bad gateway</html>")
    assert await seen(shop.clients) is None
    shop.north.raw_status = None
    shop.north.rows["77"] = row("Pending", "1000")
    assert await seen(shop.clients) is True


async def test_an_order_missing_at_the_provider_gives_the_money_back(shop: Shop) -> None:
    order_id = await doubted(shop)
    await missing(shop, order_id, again=False)
    assert await shop.balance() == "25.00"
    notice = (await shop.heard())[-1]
    assert isinstance(notice, Rejected)
    assert notice.reason == "not_taken"


async def doubted_again(shop: Shop) -> int:
    """An order that an admin has sent a second time, and whose second POST was not answered either."""
    order_id = await doubted(shop)
    await missing(shop, order_id, again=True)
    shop.north.adds = ["drop"]
    await shop.submit()
    assert (await shop.order(order_id)).status == "unknown"
    return order_id


async def test_every_doubt_about_an_order_is_told_to_the_admins_with_its_attempt(shop: Shop) -> None:
    order_id = await doubted_again(shop)
    alerts = [notice for notice in await shop.heard(ADMIN) if isinstance(notice, AdminAlert)]
    assert [(alert.code, alert.order_id, alert.attempt) for alert in alerts] == [
        ("order-unknown", order_id, 1),
        ("order-unknown", order_id, 2),
    ]


@pytest.mark.parametrize("attempt", [0, 1, 3])
async def test_a_decision_about_another_attempt_than_the_latest_decides_nothing(shop: Shop, attempt: int) -> None:
    """What was true of the first POST says nothing of the second; the screen with the buttons may be an old one."""
    order_id = await doubted_again(shop)
    for decision in (
        missing(shop, order_id, again=True, attempt=attempt),
        missing(shop, order_id, again=False, attempt=attempt),
        arrived(shop, order_id, attempt=attempt),
    ):
        with pytest.raises(TooLate):
            await decision
    assert (await shop.order(order_id)).status == "unknown"
    assert await shop.submit() == 0
    assert await shop.balance() == "15.00"
    await arrived(shop, order_id, "2", attempt=2)


async def test_one_decision_to_send_again_sends_once(shop: Shop) -> None:
    """However often it is handed in, and whoever else hands it in, while every POST ends in doubt."""
    order_id = await doubted(shop)
    shop.north.adds = ["drop"] * 9
    await missing(shop, order_id, again=True)
    for _ in range(3):
        with pytest.raises(TooLate):
            await missing(shop, order_id, again=True)
        await shop.submit()
    assert len(shop.north.accepted) == 2


async def test_an_order_missing_at_the_provider_may_be_sent_again_under_a_new_licence(shop: Shop) -> None:
    order_id = await doubted(shop)
    await missing(shop, order_id, again=True)
    assert await shop.submit() == 1
    assert (await shop.order(order_id)).status == "placed"
    assert await shop.balance() == "15.00"


async def test_what_was_decided_once_cannot_be_decided_again(shop: Shop) -> None:
    order_id = await doubted(shop)
    await missing(shop, order_id, again=False)
    for decision in (
        arrived(shop, order_id),
        missing(shop, order_id, again=True),
        missing(shop, order_id, again=False),
    ):
        with pytest.raises(TooLate):
            await decision
    assert await shop.balance() == "25.00"


async def test_an_id_that_another_order_has_is_refused(shop: Shop) -> None:
    await shop.placed()
    shop.north.adds = ["drop"]
    order_id = await shop.buy(link=LINK + "2")
    await shop.submit()
    with pytest.raises(IdTaken):
        await arrived(shop, order_id, "1")
    await arrived(shop, order_id, "2")


async def test_the_hints_are_there_to_see(shop: Shop) -> None:
    async with shop.db.write() as session:
        await session.run(insert(ProviderBalance), [_held(shop, "north", "100.00"), _held(shop, "south", "7.00")])
    shop.wait(seconds=1)
    order_id = await doubted(shop)
    shop.wait(seconds=1)
    shop.north.adds = [{"error": "You have active order with this link."}, {"error": "neworder.error.link"}]
    refused = await shop.buy()
    await shop.submit()
    await shop.buy()
    await shop.submit()
    async with shop.db.write() as session:
        await session.run(insert(ProviderBalance), [_held(shop, "north", "92.00")])
    async with shop.db.read() as session:
        doubt = await doubts.describe(session, order_id)
    assert doubt.refused_since == [refused]
    assert (str(doubt.balance_before), str(doubt.balance_after)) == ("100.00", "92.00")
    assert (doubt.provider, doubt.provider_service, doubt.attempt) == ("north", "1", 1)
    assert doubt.evidence


def _held(shop: Shop, provider: str, amount: str) -> dict[str, object]:
    return {"provider": provider, "at": shop.time, "balance": Money.parse(amount)}


async def test_an_order_never_sent_has_nothing_to_describe(shop: Shop) -> None:
    order_id = await shop.buy()
    async with shop.db.read() as session:
        with pytest.raises(OrderNotFound):
            await doubts.describe(session, order_id)


async def test_an_unreadable_partial_is_settled_by_the_count_an_admin_read_off(shop: Shop) -> None:
    order_id = await shop.placed()
    shop.north.rows["1"] = row("Partial", "Unknown")
    for _ in range(3):
        await shop.poll(hours=1)
    assert [notice.code for notice in await shop.heard(ADMIN) if isinstance(notice, AdminAlert)] == [
        "remains-unreadable"
    ]
    with pytest.raises(BadQuantity):
        await counted(shop, order_id, 1001)
    await counted(shop, order_id, 600)
    assert await shop.balance() == "19.00"
    assert (await shop.order(order_id)).status == "partial"
    with pytest.raises(TooLate):
        await counted(shop, order_id, 0)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll(hours=2)
    assert await shop.balance() == "19.00"


async def counted(shop: Shop, order_id: int, delivered: int) -> None:
    async with shop.db.write() as session:
        await doubts.counted(session, order_id=order_id, delivered=delivered, policy=shop.policy, now=shop.time)


async def test_an_order_that_is_read_well_is_not_settled_by_hand(shop: Shop) -> None:
    order_id = await shop.placed()
    with pytest.raises(TooLate):
        await counted(shop, order_id, 600)


async def test_giving_an_order_up_books_what_it_may_have_cost(shop: Shop) -> None:
    order_id = await doubted(shop)
    shop.wait(hours=24)
    await shop.sweep()
    await shop.sweep()
    assert (await shop.order(order_id)).status == "rejected"
    async with shop.db.read() as session:
        assert str(await ledger.balance(session, "loss")) == "-8.00"
        assert str(await ledger.balance(session, "world:north")) == "8.00"
