"""Laws of the alarm and of the switch behind it: a breach stops sales and is told once; a person lets them go on."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from services import alarm, orders, quotes, reorder, switches
from services.alarm import Verdict
from services.audit import Breach, Invariant
from services.errors import SalesStopped
from services.models import Audit, Order, Quote, Switch
from services.notices import AdminAlert, Partial
from services.switches import SALES
from tests.scripted_panel import row
from tests.services.ruins import spoil
from tests.shop import ADMIN, MIA, Shop

OTHER_ADMIN = 9002
ADMINS = (ADMIN, OTHER_ADMIN)
BOOKS = Invariant(2, "each balance equals its transfers")
HOLDS = Invariant(6, "an open order holds its charge")
FIRST = {"account": "wallet:1001", "difference": "1.00"}
SECOND = {"account": "wallet:1002", "difference": "0.01"}


async def audited(shop: Shop, *breaches: Breach) -> list[Breach]:
    """The next hourly audit finds this."""
    shop.wait(hours=1)
    async with shop.db.write() as session:
        return await alarm.record(session, breaches, ADMINS, shop.time)


async def turned(shop: Shop, *, on: bool, key: str = "", reason: str = "looked into") -> switches.Turn | None:
    async with shop.db.write() as session:
        return await alarm.turn_sales(
            session,
            on=on,
            reason=reason,
            admin=ADMIN,
            name="Ada",
            admins=ADMINS,
            key=key or f"turn:{shop.time}:{on}",
            now=shop.time,
        )


async def selling(shop: Shop) -> bool:
    async with shop.db.read() as session:
        return bool(await session.value(select(switches.stands(SALES))))


async def alerts(shop: Shop, admin: int = ADMIN) -> list[tuple[str, dict[str, str]]]:
    return [(told.code, told.facts) for told in await shop.heard(admin) if isinstance(told, AdminAlert)]


async def test_a_breach_stops_sales_and_tells_every_admin_the_broken_rows(shop: Shop) -> None:
    assert await selling(shop)
    breach = Breach(BOOKS, [FIRST, SECOND])
    assert await audited(shop, breach) == [breach]
    assert not await selling(shop)
    told = {
        "invariant": "2: each balance equals its transfers",
        "1": "account wallet:1001 · difference 1.00",
        "2": "account wallet:1002 · difference 0.01",
    }
    for admin in ADMINS:
        assert await alerts(shop, admin) == [("audit-breach", told)]
    async with shop.db.read() as session:
        [turn] = await switches.history(session, SALES, limit=5)
        assert (turn.is_on, turn.actor, turn.reason, turn.at) == (False, "audit", str(BOOKS), shop.time)
        assert await alarm.last(session) == Verdict(shop.time, [breach])


async def test_a_breach_is_told_once_and_does_not_stop_sales_that_an_admin_lets_go_on(shop: Shop) -> None:
    await audited(shop, Breach(BOOKS, [FIRST]))
    assert await audited(shop, Breach(BOOKS, [FIRST])) == []
    await turned(shop, on=True)
    assert await audited(shop, Breach(BOOKS, [FIRST])) == []
    assert await selling(shop)
    assert len(await alerts(shop)) == 1


async def test_what_is_newly_broken_stops_sales_again_and_is_told_alone(shop: Shop) -> None:
    await audited(shop, Breach(BOOKS, [FIRST]))
    await turned(shop, on=True)
    worse = {**FIRST, "difference": "2.00"}
    assert await audited(shop, Breach(BOOKS, [worse, SECOND]), Breach(HOLDS, [FIRST])) == [
        Breach(BOOKS, [worse, SECOND]),
        Breach(HOLDS, [FIRST]),
    ]
    assert not await selling(shop)
    assert await audited(shop, Breach(BOOKS, [worse, SECOND]), Breach(HOLDS, [FIRST, SECOND])) == [
        Breach(HOLDS, [SECOND])
    ]
    assert (await alerts(shop))[-1] == (
        "audit-breach",
        {"invariant": str(HOLDS), "1": "account wallet:1002 · difference 0.01"},
    )


async def test_what_was_mended_and_breaks_again_is_told_again(shop: Shop) -> None:
    await audited(shop, Breach(BOOKS, [FIRST]))
    assert await audited(shop) == []
    await turned(shop, on=True)
    assert await audited(shop, Breach(BOOKS, [FIRST])) == [Breach(BOOKS, [FIRST])]
    assert not await selling(shop)


async def test_an_audit_that_finds_nothing_leaves_sales_as_they_are(shop: Shop) -> None:
    await audited(shop)
    assert await selling(shop)
    await turned(shop, on=False)
    await audited(shop)
    assert not await selling(shop)
    assert await alerts(shop) == []


async def test_while_sales_are_stopped_nothing_is_sold_and_nothing_is_lost(shop: Shop) -> None:
    """Neither quoted nor confirmed nor reordered; an order under way is sent, polled and refunded; then all goes on."""
    under_way, queued = await shop.placed(1000), await shop.buy(500, link="https://www.instagram.com/p/queued")
    quote = await shop.quote(100)
    await audited(shop, Breach(BOOKS, [FIRST]))
    with pytest.raises(SalesStopped):
        await shop.quote(100)
    with pytest.raises(SalesStopped):
        await shop.tap(quote.token)
    assert await shop.balance() == "10.00"
    assert await shop.submit() == 1
    assert (await shop.order(queued)).status == "placed"
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    assert await shop.balance() == "14.00"
    [notice] = await shop.heard()
    assert isinstance(notice, Partial)
    assert notice.offer is not None
    with pytest.raises(SalesStopped):
        await shop.tap(notice.offer.token)
    async with shop.db.write() as session:
        with pytest.raises(SalesStopped):
            await reorder.rest(session, user_id=MIA, order_id=under_way, now=shop.time)
    async with shop.db.read() as session:
        assert await session.value(select(func.count(Order.id))) == 2
        assert (await quotes.requote(session, user_id=MIA, token=quote.token)).price == quote.price
        assert quote.token in await session.values(select(Quote.token))
    await turned(shop, on=True)
    assert (await shop.tap(quote.token)).created
    assert (await shop.tap(notice.offer.token)).created
    await shop.audit()


async def test_a_button_that_bought_before_the_stop_still_shows_what_it_bought(shop: Shop) -> None:
    quote = await shop.quote(100)
    bought = await shop.tap(quote.token)
    await turned(shop, on=False)
    assert (await shop.tap(quote.token)).order.id == bought.order.id
    async with shop.db.write() as session:
        undone = await orders.undo(session, user_id=MIA, order_id=bought.order.id, now=shop.time)
    assert undone.status == "canceled"


async def test_an_admin_turns_sales_with_a_reason_and_the_other_admins_are_told(shop: Shop) -> None:
    await turned(shop, on=False, reason="stocktaking")
    shop.wait(minutes=5)
    await turned(shop, on=True, reason="all counted")
    assert await selling(shop)
    assert await alerts(shop) == []
    assert await alerts(shop, OTHER_ADMIN) == [
        ("sales-stopped", {"by": f"Ada, {ADMIN}", "reason": "stocktaking"}),
        ("sales-opened", {"by": f"Ada, {ADMIN}", "reason": "all counted"}),
    ]
    async with shop.db.read() as session:
        turns = await switches.history(session, SALES, limit=5)
    assert [(turn.is_on, turn.actor, turn.reason) for turn in turns] == [
        (True, f"admin:{ADMIN}", "all counted"),
        (False, f"admin:{ADMIN}", "stocktaking"),
    ]


async def test_one_message_turns_sales_once_however_often_it_is_handed_in(shop: Shop) -> None:
    assert await turned(shop, on=False, key="sales:1:1") is not None
    assert await turned(shop, on=True, key="sales:1:2") is not None
    assert await turned(shop, on=False, key="sales:1:1") is None
    assert await selling(shop)
    assert len(await alerts(shop, OTHER_ADMIN)) == 2


async def test_who_turned_what_and_why_cannot_be_changed(shop: Shop) -> None:
    await turned(shop, on=False)
    refused = ["UPDATE switches SET reason = 'none'", "DELETE FROM switches"]
    if shop.db.on_sqlite:
        refused.append("INSERT OR REPLACE INTO switches SELECT id, key, name, 1, reason, actor, at FROM switches")
        refused.append("INSERT OR REPLACE INTO switches SELECT id + 1, key, name, 1, reason, actor, at FROM switches")
    else:
        refused.append("TRUNCATE switches")
    for statement in refused:
        with pytest.raises(IntegrityError, match=r"append-only|has this key|never emptied"):
            await spoil(shop.db, statement)
    assert not await selling(shop)


async def test_old_audits_are_forgotten_but_never_the_last(shop: Shop) -> None:
    for _ in range(3):
        await audited(shop, Breach(BOOKS, [FIRST]))
    async with shop.db.write() as session:
        await alarm.purge(session, shop.time + timedelta(days=1))
    async with shop.db.read() as session:
        assert await session.values(select(Audit.at)) == [shop.time]
        assert await session.value(select(func.count(Switch.id))) == 1
    assert await audited(shop, Breach(BOOKS, [FIRST])) == []


async def test_two_audits_at_once_tell_a_breach_once(shop: Shop) -> None:
    """Replicas whose lease was lost in the middle: the second sees what the first has told."""
    found = await asyncio.gather(*(audited(shop, Breach(BOOKS, [FIRST])) for _ in range(8)))
    assert sum(map(len, found)) == 1
    assert len(await alerts(shop)) == 1


def test_a_turn_knows_the_admin_behind_it(now: datetime) -> None:
    turned = {actor: switches.Turn(1, True, "why", actor, now).admin for actor in ("admin:9001", "audit")}
    assert turned == {"admin:9001": 9001, "audit": None}
