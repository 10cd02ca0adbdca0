"""Laws of what a reseller's site is told of an order: with the change, once, with what its own customer gets."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from services import api_keys, deliveries, orders, people, quotes, refunding, resellers, webhooks
from services.db import Database
from services.models import Delivery, Notice, Resale
from services.money import Money
from services.site_posts import Answer
from tests.scripted_panel import row
from tests.shop import LINK, MIA, Shop, offered, open_shop


@dataclass
class Reselling:
    """Mia's site orders 10,000 for $10.00 through the panel API, and is told what becomes of it."""

    shop: Shop
    key_id: int
    service_id: int

    async def order(self, retail: str | None = "15", undo: float = 0) -> int:
        shop, now = self.shop, self.shop.time
        async with shop.db.write() as session:
            quote = await quotes.quote(
                session, user_id=MIA, service_id=self.service_id, link=LINK, quantity=10_000, now=now, by_api=True
            )
            resale = {
                "user_id": MIA,
                "key_id": self.key_id,
                "digest": "",
                "reference": "shop-77",
                "retail": None if retail is None else Money.parse(retail),
                "currency": None if retail is None else "EUR",
                "created_at": now,
            }
            span = timedelta(seconds=undo)
            placed = await orders.place(session, user_id=MIA, token=quote.token, now=now, undo=span, resale=resale)
        return placed.order.id

    async def placed(self, retail: str | None = "15") -> int:
        order_id = await self.order(retail)
        await self.shop.submit()
        return order_id

    async def says(self, status: str, remains: int, **span: float) -> None:
        """The provider says this of the last order from now on, and is asked."""
        self.shop.north.rows[str(len(self.shop.north.accepted))] = row(status, str(remains))
        await self.shop.poll(**span)

    async def events(self, *, updates: bool = False) -> list[dict[str, Any]]:
        """What was written for the site, oldest first: the documents as they are sent."""
        async with self.shop.db.read() as read:
            bodies = await read.values(select(Delivery.body).order_by(Delivery.id))
        told = [json.loads(body) for body in bodies]
        return [each for each in told if updates or each["type"] != webhooks.UPDATED]

    async def event(self) -> dict[str, Any]:
        [told] = await self.events()
        return told


@pytest.fixture
async def reselling(db: Database) -> AsyncIterator[Reselling]:
    async with open_shop(db) as shop:
        await shop.stock("north", offered("20", "Instagram Likes", "E", "0.80"))
        async with db.write() as session:
            await resellers.apply(session, MIA, about="a site", now=shop.time)
            await resellers.decide(session, MIA, state=resellers.APPROVED, actor="admin:1", now=shop.time)
            key = (await api_keys.make(session, MIA, shop.time)).key.id
            await webhooks.connect(session, MIA, "https://shop.example.com/", now=shop.time)
        yield Reselling(shop, key, await shop.service("north", "20"))


async def test_the_worked_example_in_both_currencies(reselling: Reselling) -> None:
    order_id = await reselling.placed()
    await reselling.says("Partial", 4000)
    told = await reselling.event()
    at = reselling.shop.time.isoformat(timespec="microseconds")
    assert told == {
        "type": "order.partial",
        "timestamp": at,
        "data": {
            "order": order_id,
            "reference": "shop-77",
            "status": "Partial",
            "quantity": 10_000,
            "delivered": 6000,
            "remains": 4000,
            "start_count": 7,
            "charge": "10",
            "kept": "6",
            "refund": "4",
            "refunded": "4",
            "currency": "USD",
            "at": at,
            "retail": {"charge": "15", "kept": "9", "refund": "6", "refunded": "6", "currency": "EUR"},
        },
    }
    assert await reselling.shop.balance() == "19.00"
    await reselling.shop.audit()


async def test_a_later_correction_tells_the_difference_alone(reselling: Reselling) -> None:
    await reselling.placed()
    await reselling.says("Partial", 4000)
    await reselling.says("Partial", 5000, hours=2)
    await reselling.says("Canceled", 10_000, hours=2)
    first, second, third = [(each["type"], each["data"]) for each in await reselling.events()]
    assert (first[0], second[0], third[0]) == ("order.partial", "order.refunded", "order.refunded")
    assert (second[1]["refund"], second[1]["refunded"], second[1]["kept"]) == ("1", "5", "5")
    assert (second[1]["retail"]["refund"], second[1]["retail"]["refunded"]) == ("1.5", "7.5")
    assert (third[1]["refund"], third[1]["refunded"], third[1]["status"]) == ("5", "10", "Canceled")
    assert (third[1]["retail"]["refund"], third[1]["retail"]["refunded"]) == ("7.5", "15")


async def test_money_given_back_by_hand_is_told_with_the_share_of_the_retail_price(reselling: Reselling) -> None:
    order_id = await reselling.placed()
    await reselling.says("Completed", 0)
    shop = reselling.shop
    async with shop.db.write() as session:
        await refunding.refund(
            session,
            order_id=order_id,
            amount=Money.parse("2.50"),
            before=Money(0),
            note="sorry",
            actor="admin:9001",
            now=shop.time,
        )
    completed, refunded = await reselling.events()
    assert (completed["type"], completed["data"]["refund"]) == ("order.completed", "0")
    assert completed["data"]["retail"]["refund"] == "0"
    assert (refunded["type"], refunded["data"]["refund"], refunded["data"]["kept"]) == ("order.refunded", "2.5", "7.5")
    assert refunded["data"]["retail"]["refund"] == "3.75"
    assert "sorry" not in json.dumps(refunded), "notes are for people"


async def test_a_banned_persons_site_is_still_told_what_comes_back_of_orders_under_way(reselling: Reselling) -> None:
    await reselling.placed()
    async with reselling.shop.db.write() as session:
        assert await people.ban(session, user_id=MIA, owners=())
    await reselling.says("Partial", 4_000)
    told = await reselling.event()
    assert (told["type"], told["data"]["refund"], told["data"]["retail"]["refund"]) == ("order.partial", "4", "6")


async def test_what_was_not_delivered_at_all_is_canceled(reselling: Reselling) -> None:
    await reselling.placed()
    await reselling.says("Canceled", 10_000)
    told = await reselling.event()
    assert told["type"] == "order.canceled"
    assert (told["data"]["kept"], told["data"]["refund"], told["data"]["remains"]) == ("0", "10", 10_000)
    assert told["data"]["retail"]["refund"] == "15"


async def test_what_the_provider_refuses_and_what_is_undone_is_canceled_too(reselling: Reselling) -> None:
    shop = reselling.shop
    shop.north.adds = [{"error": "Incorrect link"}]
    await reselling.placed()
    order_id = await reselling.order(undo=60)
    async with shop.db.write() as session:
        await orders.undo(session, user_id=MIA, order_id=order_id, now=shop.time)
    told = await reselling.events()
    assert [(each["type"], each["data"]["refund"]) for each in told] == [("order.canceled", "10")] * 2
    assert [each["data"]["retail"]["refund"] for each in told] == ["15"] * 2


async def test_without_a_retail_price_nothing_is_said_of_one(reselling: Reselling) -> None:
    await reselling.placed(retail=None)
    await reselling.says("Partial", 4000)
    assert "retail" not in (await reselling.event())["data"]


async def test_progress_is_told_as_it_stands_and_not_after_the_end(reselling: Reselling) -> None:
    await reselling.placed()
    await reselling.says("In progress", 8000)
    [update] = await reselling.events(updates=True)
    assert update["type"] == "order.updated"
    assert (update["data"]["status"], update["data"]["delivered"], update["data"]["refund"]) == (
        "In progress",
        2000,
        "0",
    )
    await reselling.says("Completed", 0)
    assert [each["type"] for each in await reselling.events(updates=True)] == ["order.completed"]


async def test_what_reads_as_before_is_not_told(reselling: Reselling) -> None:
    """Neither that it left for the provider, nor another word of the provider's for the same, nor a refill."""
    shop, order_id = reselling.shop, await reselling.order()
    await shop.submit()
    await reselling.says("Pending", 10_000)
    [made] = await reselling.events(updates=True)
    assert made["data"]["status"] == "Pending"
    await reselling.says("In progress", 8000)
    await reselling.says("Working on it", 8000)
    assert [each["data"]["status"] for each in await reselling.events(updates=True)] == ["In progress"]
    await reselling.says("Completed", 0)
    shop.wait(hours=1)
    await shop.report(order_id)
    await shop.refill(seconds=5)
    assert [each["type"] for each in await reselling.events(updates=True)] == ["order.completed"]


async def test_a_site_that_is_not_connected_is_written_nothing_but_its_account_is_kept(reselling: Reselling) -> None:
    """So that a site connected later is told of the difference alone."""
    shop = reselling.shop
    async with shop.db.write() as session:
        await webhooks.disconnect(session, MIA)
    order_id = await reselling.placed()
    await reselling.says("Partial", 4000)
    assert await reselling.events(updates=True) == []
    async with shop.db.write() as session:
        known = await session.value(select(Resale.retail_refunded).where(Resale.order_id == order_id))
        assert known == Money.parse("6")
        await webhooks.connect(session, MIA, "https://shop.example.com/", now=shop.time)
    await reselling.says("Partial", 5000, hours=2)
    assert (await reselling.event())["data"]["retail"]["refund"] == "1.5"


async def test_what_a_site_ordered_writes_nothing_into_the_chat(reselling: Reselling) -> None:
    await reselling.placed()
    await reselling.says("In progress", 8000)
    await reselling.says("Partial", 4000)
    async with reselling.shop.db.read() as read:
        assert (
            await read.value(select(func.count()).select_from(Notice).where(Notice.kind.in_(("card", "partial")))) == 0
        )


async def test_what_they_order_in_the_chat_is_told_to_their_site_as_well(reselling: Reselling) -> None:
    shop = reselling.shop
    order_id = await shop.placed()
    await reselling.says("Completed", 0)
    told = await reselling.event()
    assert (told["type"], told["data"]["order"], told["data"]["reference"]) == ("order.completed", order_id, None)
    assert (await shop.card(order_id)).status == "completed"


async def test_who_is_no_reseller_is_written_nothing(db: Database) -> None:
    async with open_shop(db) as shop:
        await shop.completed()
        async with db.read() as read:
            assert await read.value(select(func.count()).select_from(Delivery)) == 0


async def test_a_shop_brought_back_from_a_backup_tells_it_under_the_id_that_the_site_knows(
    reselling: Reselling,
) -> None:
    """The order's end is heard of again there, and would be credited twice under another one."""
    shop = reselling.shop
    await reselling.placed()
    await reselling.says("Partial", 4000)
    async with shop.db.write() as session:
        [told] = await webhooks.messages(session, MIA, limit=9)
        [claimed] = await deliveries.claim(session, limit=9, now=shop.time)
        await deliveries.record(session, outcomes=[(claimed, Answer("200"))], now=shop.time, chance=lambda: 0.5)
        assert told.key == claimed.key
        # As it would be without the rows that were lost since the backup:
        await webhooks.disconnect(session, MIA)
        await webhooks.connect(session, MIA, "https://shop.example.com/", now=shop.time)
        order = await orders.find(session, MIA, told.order_id or 0)
        once = f"{order.id}:{order.created_at.isoformat()}:{order.refunded.micros}"
        await webhooks.put(session, [webhooks.Event(MIA, "order.partial", {}, order.id, once)], shop.time)
        [again] = await webhooks.messages(session, MIA, limit=9)
    assert again.key == told.key
