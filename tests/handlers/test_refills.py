"""Refills in the conversation: what is guaranteed, one tap to ask, and how it goes on."""

from dataclasses import replace

import pytest

from handlers.customer.browse import service_screen
from handlers.i18n import Texts
from services import catalog
from services.guarantees import LIFETIME
from services.health import Health
from tests.shop import Shop


@pytest.mark.parametrize(
    ("refill", "days", "said"),
    [
        (False, None, "no"),
        (True, None, "yes"),
        (True, 1, "yes, for 1 day"),
        (True, 30, "yes, for 30 days"),
        (True, LIFETIME, "yes, without an end"),
    ],
)
async def test_the_card_of_a_service_says_how_long_it_guarantees(
    shop: Shop, texts: Texts, refill: bool, days: int | None, said: str
) -> None:
    async with shop.db.read() as session:
        service = await catalog.service(session, await shop.service())
    shown = service_screen(texts, replace(service, refill=refill, guarantee_days=days), Health(), 0, selling=True)
    assert f"♻️ Refill if the count drops: {said}" in shown.text.splitlines()
