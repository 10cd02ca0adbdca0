"""What came back from a provider is recorded, whatever happens to the orders beside it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from services import placing
from services.db import Database
from services.models import Attempt
from services.provider import PanelClient
from tests.shop import LINK, Shop, open_shop


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    async with open_shop(db) as opened:
        yield opened
        await opened.audit()


async def test_of_two_answers_with_one_id_at_once_the_second_is_kept_as_evidence(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = 0

    async def both_look_before_either_writes(*wanted: Any) -> bool:
        nonlocal looked
        looked += 1
        return looked > 2 and await taken(*wanted)

    taken = placing.taken
    monkeypatch.setattr(placing, "taken", both_look_before_either_writes)
    shop.north.adds = [{"order": 7}, {"order": 7}]
    first, second = await shop.buy(link=f"{LINK}1"), await shop.buy(link=f"{LINK}2")
    await shop.submit()
    ends = {(await shop.order(order)).status for order in (first, second)}
    assert ends == {"placed", "unknown"}
    async with shop.db.read() as session:
        kept = await session.values(select(Attempt.evidence).where(Attempt.outcome == "ambiguous"))
    assert kept == ["order id already in use: 7"]


async def test_an_order_that_cannot_be_recorded_cuts_off_no_other_on_its_way(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, record = placing._post, placing.record
    unlucky, other = await shop.buy(link=f"{LINK}1"), await shop.buy(link=f"{LINK}2")

    async def answered_at_once(client: PanelClient, licence: placing.Licence) -> placing.Answer:
        if licence.order_id == unlucky:
            return placing.Answer("rejected", "neworder.error.link")
        return await post(client, licence)

    async def lost(session: Any, *, licence: placing.Licence, **more: Any) -> None:
        if licence.order_id == unlucky:
            shop.north.released.set()  # the other's answer is still to come
            raise OSError("the connection was lost")
        await record(session, licence=licence, **more)

    shop.north.adds = ["hang"]
    monkeypatch.setattr(placing, "_post", answered_at_once)
    monkeypatch.setattr(placing, "record", lost)
    with pytest.raises(ExceptionGroup):
        await shop.submit()
    assert (await shop.order(other)).status == "placed"
