"""Refills in the conversation: what is guaranteed, one tap to ask, and how it goes on."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from handlers.customer.browse import service_screen
from handlers.i18n import Texts
from services import catalog, refills
from services.guarantees import LIFETIME
from services.health import Health
from services.models import Refill, Service
from tests.handlers.phone import Phone
from tests.scripted_panel import row
from tests.shop import Shop

Deliver = Callable[[], Awaitable[None]]


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


async def promise(shop: Shop, days: int | None, refill: bool = True) -> None:
    async with shop.db.write() as session:
        await session.run(update(Service).values(refill=refill, guarantee_days=days))


async def asked(shop: Shop) -> int:
    async with shop.db.read() as session:
        return len(await session.values(select(Refill.id)))


async def test_one_tap_reports_a_drop_and_two_ask_once(shop: Shop, mia: Phone, deliver: Deliver) -> None:
    await promise(shop, 30)
    order_id = await shop.completed()
    await deliver()
    card = mia.saying("Order #1 · Completed")
    assert "♻️ Guaranteed until Jun 3, 2026" in card.text.splitlines()
    data = card.data("♻️ Report a drop")
    said, alert = await mia.press(data, card)
    assert said == "Reported. Server A is asked to bring back what dropped, and you will hear how it goes on."
    assert alert
    said, _ = await mia.press(data, card)
    assert said == "You have reported this already. We follow it and tell you how it goes on."
    assert await asked(shop) == 1
    await deliver()
    assert "♻️ Refill asked for" in card.text.splitlines()
    assert "♻️ Report a drop" not in card.labels
    await shop.refill()
    await deliver()
    assert "♻️ Refill on its way" in card.text.splitlines()
    assert "Server A has taken your report" in mia.saying("Refill of order #1 is on its way").text
    shop.north.refills["1"] = "Completed"
    await shop.refill(minutes=1)
    await deliver()
    assert "Guaranteed until Jun 3, 2026." in mia.saying("✅ Refill of order #1 is done").text
    assert "♻️ Refill done" in card.text.splitlines()
    said, _ = await mia.tap("♻️ Report a drop", card)
    assert said == "The server takes only one request in a while. You can ask again in 23 hr 59 min."
    assert (await shop.order(order_id)).refill_state == "done"


async def test_the_history_offers_it_for_each_part_under_guarantee(shop: Shop, mia: Phone, deliver: Deliver) -> None:
    await promise(shop, None)
    await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    await deliver()
    await mia.tap("Order the remaining 400")
    shop.wait(minutes=1)
    await shop.submit()
    shop.panels["south"].rows["1"] = row("Completed", "0")
    await shop.poll()
    await mia.say("/orders")
    await mia.tap("✅")
    goal = mia.last
    assert goal.text.count("♻️ Guaranteed against drops") == 2
    assert [label for label in goal.labels if "drop" in label] == [
        "♻️ Report a drop · Server A",
        "♻️ Report a drop · Server B",
    ]
    await mia.tap("♻️ Report a drop · Server B")
    await shop.refill()
    assert [form["action"] for form in shop.panels["south"].asked if form["action"] == "refill"] == ["refill"]
    assert not [form for form in shop.north.asked if form["action"] == "refill"]


async def test_the_card_says_when_the_guarantee_is_over_or_there_is_none(
    shop: Shop, mia: Phone, deliver: Deliver
) -> None:
    await promise(shop, 30)
    await shop.completed()
    await deliver()
    card = mia.saying("Order #1 · Completed")
    shop.wait(days=31)
    said, _ = await mia.tap("♻️ Report a drop", card)
    assert said == "The guarantee of this order has ended, so no refill can be asked for any more."
    await mia.say("/orders")
    await mia.tap("✅")
    assert "♻️ The guarantee has ended" in mia.last.text
    assert not [label for label in mia.last.labels if "drop" in label]


async def test_an_order_without_a_guarantee_says_nothing_of_it(shop: Shop, mia: Phone, deliver: Deliver) -> None:
    await promise(shop, None, refill=False)
    await shop.completed()
    await deliver()
    card = mia.saying("Order #1 · Completed")
    assert "♻️" not in card.text
    assert not [label for label in card.labels if "♻️" in label]
    assert (await mia.press("rf:1", card))[0] == "This order has no guarantee against drops."


@pytest.mark.parametrize(
    ("error", "said", "again"),
    [
        ("Refill will be available in 9 hours 3 minutes", "takes the next request for this order later", "21:03"),
        ("No drop detected", "sees no drop below what you ordered", "12:00"),
        ("Refill period expired", "says that the guarantee of this order has ended", None),
        ("Weird <b>words</b>", "cannot do it at the moment", "12:00"),
    ],
)
async def test_a_refusal_is_told_in_our_words_and_says_when_to_ask_again(
    shop: Shop, mia: Phone, deliver: Deliver, error: str, said: str, again: str | None
) -> None:
    await promise(shop, 30)
    order_id = await shop.completed()
    shop.wait(seconds=-6)
    await shop.report(order_id)
    shop.north.refill_answers = [{"error": error}]
    await shop.refill()
    await deliver()
    notice = mia.saying("No refill of order #1 for now")
    assert said in notice.text
    assert "words" not in notice.text
    assert again is None or f"{again} UTC" in notice.text
    assert ("You can ask again" in notice.text) == (again is not None)
    assert ("Guaranteed until" in notice.text) == (again is not None)


async def test_a_guarantee_without_an_end_is_told_as_one(shop: Shop, mia: Phone, deliver: Deliver) -> None:
    await promise(shop, LIFETIME)
    await shop.completed()
    await deliver()
    assert "♻️ Guaranteed without an end" in mia.saying("Order #1 · Completed").text.splitlines()
    shop.wait(seconds=timedelta(days=2000).total_seconds())
    await mia.tap("♻️ Report a drop")
    assert await asked(shop) == 1


async def test_the_reminder_says_until_when_and_its_button_reports(shop: Shop, mia: Phone, deliver: Deliver) -> None:
    await promise(shop, 30)
    await shop.completed()
    shop.wait(days=28)
    async with shop.db.write() as session:
        await refills.remind(session, shop.time)
    await deliver()
    notice = mia.saying("The guarantee of order #1 ends on Jun 3, 2026")
    assert "Delivered: 1,000. If the count has dropped since" in notice.text
    await mia.tap("♻️ Report a drop", notice)
    assert await asked(shop) == 1
