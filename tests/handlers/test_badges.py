"""How a server fares, as customers read it: on the card and in the list, from enough orders on."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from handlers import badges
from handlers.i18n import Texts
from services.db import Database
from services.health import UNKNOWN, Health, InFull
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


async def test_an_admin_sees_all_that_is_known_and_a_customer_does_not(mia: Phone, ada: Phone, shop: Shop) -> None:
    await ended(shop, "completed", "completed", "partial", "canceled")
    service = await shop.service()
    await ada.say("/start")
    told = (await ada.say(f"/start s_{service}")).text.splitlines()
    assert "🔧 This week: 4 ended, 2 of them completed, 1 partial, 1 cancelled; 0 stand still" in told
    assert told[-1] == "All of north: 4 ended, 2 completed, 1 partial, 1 cancelled; 0 stand still"
    assert "north" not in (await mia.say(f"/start s_{service}")).text


def test_all_figures_in_words(texts: Texts) -> None:
    one = Health(9, partial=2, canceled=1, silent=3, start=timedelta(minutes=5), finish=timedelta(hours=2), pace=1200)
    told = badges.in_full(texts, InFull("north", one, Health(20, partial=5)))
    assert [html.replace("<b>", "").replace("</b>", "") for html in told] == [
        "🔧 This week: 9 ended, 6 of them completed, 2 partial, 1 cancelled; 3 stand still",
        "Median time to the start: 5 min",
        "Median time to the end: 2 hr",
        "Pace: 1,200 an hour",
        "All of <code>north</code>: 20 ended, 15 completed, 5 partial, 0 cancelled; 0 stand still",
    ]
    assert len(badges.in_full(texts, InFull("north", UNKNOWN, UNKNOWN))) == 3
