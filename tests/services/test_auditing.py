"""Audits that are asked for: each tap is answered once, by the next audit there is, in the message it came from."""

from sqlalchemy import select

from services import actions, auditing
from services.audit import Breach, Invariant
from services.models import Notice
from services.staff_notices import Audited
from tests.shop import ADMIN, Shop

BREACH = Breach(Invariant(2, "each balance equals its transfers"), [{"account": "wallet:1001"}])


async def asked(shop: Shop, message: int | None = 7, key: str = "tap:1") -> None:
    async with shop.db.write() as write:
        await actions.record(
            write,
            key=key,
            actor=actions.by(ADMIN),
            code="audit",
            subject=auditing.SUBJECT,
            detail={"chat": ADMIN, "message": message},
            now=shop.time,
        )


async def answered(shop: Shop, *breaches: Breach) -> list[tuple[Audited, int | None]]:
    """The next audit finds this; every answer so far, with the message that it goes into."""
    async with shop.db.write() as write:
        await auditing.answer(write, breaches, shop.time, shop.time)
    async with shop.db.read() as read:
        rows = await read.all(
            select(Notice.payload, Notice.message_id).where(Notice.kind == "audited").order_by(Notice.id)
        )
    return [(Audited(row.payload["at"], row.payload["breaches"]), row.message_id) for row in rows]


async def test_who_asks_for_an_audit_hears_its_verdict_once_and_in_place(shop: Shop) -> None:
    await asked(shop)
    async with shop.db.read() as read:
        assert [one.message_id for one in await auditing.requests(read, shop.time)] == [7]
    verdict = Audited(shop.time.isoformat(), ["2: each balance equals its transfers"])
    assert await answered(shop, BREACH) == [(verdict, 7)]
    assert await answered(shop) == [(verdict, 7)]
    await asked(shop, None, "tap:2")
    assert (await answered(shop))[1:] == [(Audited(shop.time.isoformat(), []), None)]


async def test_an_audit_that_was_asked_for_long_ago_is_not_answered_any_more(shop: Shop) -> None:
    await asked(shop)
    shop.wait(hours=24)
    assert await answered(shop) == []
