"""How a server fares, as customers read it: on the card and in the list, from enough orders on."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from handlers import badges
from handlers.i18n import Texts
from services.db import Database
from services.health import UNKNOWN, Health
from services.models import Order
from tests import factories
from tests.handlers.phone import Phone
from tests.shop import MIA, Shop

GOOD = Health(50, partial=1, finish=timedelta(hours=2, seconds=4))
BAD = Health(60, partial=7, finish=timedelta(hours=2), lately=12, lately_stopped=7)


@pytest.mark.parametrize(
    ("health", "card", "button"),
    [
        (UNKNOWN, [], ""),
        (Health(9), [], ""),
        (GOOD, ["✅ 98 % completed this week", "⏱ Usually done in 2 hr"], " · ✅ 98 %"),
        (
            BAD,
            ["⚠️ Struggling today: 7 of the last 12 orders stopped early", "⏱ Usually done in 2 hr"],
            " · ⚠️ struggling",
        ),
    ],
)
def test_the_badges_in_words(texts: Texts, health: Health, card: list[str], button: str) -> None:
    assert list(badges.told(texts, health)) == card
    assert badges.brief(texts, health) == button


async def ended(shop: Shop, *statuses: str) -> None:
    """Orders on Server A that ended an hour ago, each after two hours."""
    async with shop.db.write() as session:
        for status in statuses:
            order_id = await factories.order(
                session, shop.time, user_id=MIA, service_id=await shop.service(), status=status, quantity=1
            )
            times = {"placed_at": shop.time - timedelta(hours=3), "closed_at": shop.time - timedelta(hours=1)}
            await session.run(update(Order).where(Order.id == order_id).values(times))


async def test_a_customer_sees_how_a_server_fares_before_ordering(mia: Phone, shop: Shop, db: Database) -> None:
    await ended(shop, *["completed"] * 9)
    await mia.say("/new")
    await mia.tap("Instagram Likes")
    assert mia.last.labels[0] == "Server A · $10.00/1K · Real"
    await ended(shop, "completed")
    await mia.say("/new")
    await mia.tap("Instagram Likes")
    assert mia.last.labels[:2] == ["Server A · $10.00/1K · ✅ 100 % · Real", "Server B · $10.00/1K · Real"]
    await mia.tap("Server A")
    assert "✅ 100 % completed this week\n⏱ Usually done in 2 hr\n" in mia.last.text
    await ended(shop, *["partial"] * 10)
    service = await shop.service()
    await mia.say(f"/start s_{service}")
    assert "⚠️ Struggling today: 10 of the last 12 orders stopped early" in mia.last.text
    assert "north" not in mia.last.text.casefold()
