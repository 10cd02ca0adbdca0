"""Custom comments: as many as there are lines; the last ones are the rest of an order that stopped."""

from collections.abc import AsyncIterator

import pytest

from services import goals, quotes, reorder
from services.db import Database
from services.errors import BadAnswer
from services.extras import Extras
from services.notices import Partial
from tests.scripted_panel import row
from tests.shop import LINK, MIA, Shop, offered, open_shop

LINES = [f"Comment number {number}" for number in range(1, 8)]
SEVEN = Extras({"comments": "\n".join(LINES)})


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """Comments at $11.111112 and $20.00 per 1,000, 2 to 10 of them; a dearer server takes no fewer than 5."""
    async with open_shop(db) as opened:
        kind = {"type": "Custom Comments", "max": 10}
        await opened.stock("north", offered("70", "Instagram Likes", "X", "8.888889", min=2, **kind))
        await opened.stock(
            "south",
            offered("70", "Instagram Likes", "Y", "16.00", min=2, **kind),
            offered("71", "Instagram Likes", "Z", "9.00", min=5, **kind),
        )
        yield opened
        await opened.audit()


async def quote(shop: Shop, extras: Extras = SEVEN, quantity: int = 0) -> quotes.QuoteView:
    service_id = await shop.service("north", "70")
    async with shop.db.write() as session:
        return await quotes.quote(
            session, user_id=MIA, service_id=service_id, link=LINK, quantity=quantity, extras=extras, now=shop.time
        )


async def placed(shop: Shop) -> int:
    order_id = (await shop.tap((await quote(shop)).token)).order.id
    assert await shop.submit() == 1
    return order_id


async def stopped(shop: Shop, remains: str) -> Partial:
    await placed(shop)
    shop.north.rows["1"] = row("Partial", remains)
    await shop.poll()
    notice = (await shop.heard())[-1]
    assert isinstance(notice, Partial)
    return notice


@pytest.mark.parametrize("quantity", [0, 1, 500])
async def test_the_quantity_is_the_number_of_lines(shop: Shop, quantity: int) -> None:
    """7 at 11.111112 per 1,000 = ceil(0.077777784) micro-units."""
    quoted = await quote(shop, quantity=quantity)
    assert (quoted.quantity, str(quoted.price)) == (7, "0.077778")


async def test_the_provider_is_sent_the_lines_and_no_quantity(shop: Shop) -> None:
    order_id = await placed(shop)
    sent = shop.north.accepted[0]
    assert sent["comments"] == "\n".join(LINES)
    assert "quantity" not in sent
    order = await shop.order(order_id)
    assert (order.quantity, order.unit, order.extras) == (7, "thousand", SEVEN)


@pytest.mark.parametrize(("lines", "reason"), [(LINES[:1], "few"), (LINES + LINES[:4], "many"), ([], "empty")])
async def test_the_limits_are_those_of_the_lines(shop: Shop, lines: list[str], reason: str) -> None:
    with pytest.raises(BadAnswer) as refused:
        await quote(shop, Extras({"comments": "\n".join(lines)}))
    assert refused.value.params["reason"] == reason


async def test_what_is_not_commented_comes_back_by_its_share(shop: Shop) -> None:
    """4 of 7 kept: floor(77,778 x 4 / 7) = 44,444 micro-units; the rest goes back."""
    notice = await stopped(shop, "3")
    assert (notice.delivered, str(notice.refunded), str(notice.balance)) == (4, "0.033334", "24.955556")


async def test_the_last_lines_go_to_the_other_server(shop: Shop) -> None:
    notice = await stopped(shop, "3")
    assert notice.offer is not None
    assert (notice.offer.server, notice.offer.quantity, str(notice.offer.price)) == ("Y", 3, "0.06")
    rest = (await shop.tap(notice.offer.token)).order
    assert (rest.quantity, rest.extras.lines("comments")) == (3, LINES[-3:])
    await shop.submit()
    assert shop.panels["south"].accepted[0]["comments"] == "\n".join(LINES[-3:])


async def test_only_services_that_comment_are_offered(shop: Shop) -> None:
    """Likes do not replace comments, nor does a server whose minimum is above the rest."""
    notice = await stopped(shop, "3")
    async with shop.db.write() as session:
        rest = await reorder.rest(session, user_id=MIA, order_id=notice.order_id, now=shop.time)
    assert [offer.server for offer in rest.offers] == ["Y"]


async def test_a_second_stop_leaves_the_last_lines_of_the_last_lines(shop: Shop) -> None:
    notice = await stopped(shop, "6")
    async with shop.db.write() as session:
        rest = await reorder.rest(session, user_id=MIA, order_id=notice.order_id, now=shop.time)
    on_z = next(offer for offer in rest.offers if offer.server == "Z")
    await shop.tap(on_z.token)
    await shop.submit()
    shop.panels["south"].rows["1"] = row("Partial", "2")
    await shop.poll()
    second = (await shop.heard())[-1]
    assert isinstance(second, Partial)
    assert second.offer is not None
    last = (await shop.tap(second.offer.token)).order
    assert last.extras.lines("comments") == LINES[-2:]
    async with shop.db.read() as session:
        goal = await goals.find(session, MIA, 1)
    assert [(part.server, part.quantity, part.delivered) for part in goal.parts] == [
        ("X", 7, 1),
        ("Z", 6, 4),
        ("Y", 2, 0),
    ]


async def test_the_card_is_spared_the_comments(shop: Shop) -> None:
    assert (await shop.card(await placed(shop))).extras == {}
