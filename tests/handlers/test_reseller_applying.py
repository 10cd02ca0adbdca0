"""Asking to sell on: one question, one decision, told to both."""

from collections.abc import Awaitable, Callable

import pytest
from aiogram import Bot, Dispatcher

from bot.settings import Settings
from services import actions, resellers
from services.roles import Role
from tests.handlers import staff as crew
from tests.handlers.phone import Line, Phone
from tests.shop import MIA, Shop

ABOUT = "shop.example, Instagram and TikTok, about 50 orders a day"
Deliver = Callable[[], Awaitable[None]]


async def state_of(shop: Shop, user_id: int = MIA) -> str | None:
    async with shop.db.read() as session:
        found = await resellers.find(session, user_id)
    return None if found is None else found.state


async def apply(phone: Phone, about: str = ABOUT) -> None:
    await phone.say("/reseller")
    await phone.tap("✍️ Apply")
    await phone.say(about)


async def test_a_stranger_reads_what_it_is_and_one_question_later_it_waits(mia: Phone, shop: Shop) -> None:
    shown = await mia.say("/reseller")
    assert shown.text.startswith("🏪 Sell our services on your own site")
    assert shown.labels == ["✍️ Apply", "🏠 Menu"]
    await mia.tap("✍️ Apply")
    assert "Where do you sell, and what?" in mia.last.text
    assert (await mia.say(ABOUT)).text.startswith("⏳ Your application is being looked at.")
    assert await state_of(shop) == "applied"
    assert (await mia.say("/reseller")).labels == ["🏠 Menu"]


async def test_an_answer_that_says_nothing_is_asked_for_again(mia: Phone, shop: Shop) -> None:
    await apply(mia, "shop")
    assert mia.last.text.startswith("Please say it in 10 to 300 characters")
    await mia.say("y" * 301)
    assert mia.last.text.startswith("Please say it in 10 to 300 characters")
    assert await state_of(shop) is None
    await mia.say(ABOUT)
    assert await state_of(shop) == "applied"


async def test_a_question_that_is_left_costs_nothing_that_was_entered(mia: Phone, shop: Shop) -> None:
    """Neither the order being made, nor the way back to it."""
    await mia.say("/new")
    await mia.tap("Instagram Likes")
    await mia.tap("Server A")
    await mia.tap("🛒 Order")
    await mia.say("https://www.instagram.com/p/abc")
    await mia.say("/reseller")
    await mia.tap("✍️ Apply")
    await mia.tap("‹ Back")
    assert await state_of(shop) is None
    await mia.say("/wallet")
    await mia.tap("‹ Back to your order")
    assert "How many" in mia.last.text


async def test_the_first_decision_stands_and_both_are_told(
    mia: Phone,
    ada: Phone,
    shop: Shop,
    settings: Settings,
    deliver: Deliver,
    dispatcher: Dispatcher,
    telegram: Bot,
    line: Line,
) -> None:
    await crew.hire(shop, settings, Role.MANAGER)
    manager = crew.phone(dispatcher, telegram, line, Role.MANAGER)
    await apply(mia)
    await deliver()
    asked, again = ada.saying("wants to sell on"), manager.saying("wants to sell on")
    assert ABOUT in asked.text
    assert asked.labels == ["✅ Approve", "✖️ Refuse"]
    refuse = again.data("✖️ Refuse")
    await ada.tap("✅ Approve", asked)
    assert "✅ Approved by Ada" in asked.text
    await manager.press(refuse, again)
    assert "✅ Approved by Ada" in again.text
    assert await state_of(shop) == "approved"
    await deliver()
    assert mia.last.text.startswith("✅ Welcome: you may sell on now.")
    assert "You may sell on" not in "".join(shown.text for shown in mia.messages[:-1])
    async with shop.db.read() as session:
        taken = await actions.history(session, limit=9, code="application-approved")
        assert len(taken) == 1
        assert not await actions.history(session, limit=9, code="application-refused")
    await mia.tap("🏪 Open my desk")
    assert "Your reseller desk" in mia.last.text
    assert "may sell on now" in (await ada.say("/log")).text


async def test_whoever_was_refused_may_ask_again_and_an_old_button_decides_nothing_new(
    mia: Phone, ada: Phone, shop: Shop, deliver: Deliver
) -> None:
    await apply(mia)
    await deliver()
    first = ada.saying("wants to sell on")
    approve = first.data("✅ Approve")
    await ada.tap("✖️ Refuse", first)
    await deliver()
    assert "was not accepted" in mia.last.text
    shop.wait(hours=1)
    await apply(mia, "another site: likes.example")
    await ada.press(approve, first)
    assert "A later application of theirs waits." in first.text
    assert await state_of(shop) == "applied"
    await deliver()
    await ada.tap("✅ Approve", ada.last)
    assert await state_of(shop) == "approved"


async def test_a_suspended_reseller_finds_no_way_in(mia: Phone, shop: Shop) -> None:
    async with shop.db.write() as session:
        await resellers.apply(session, MIA, about=ABOUT, now=shop.time)
        await resellers.decide(session, MIA, state="approved", actor="admin:1", now=shop.time)
    desk = await mia.say("/reseller")
    help_button = desk.data("❓ Help")
    async with shop.db.write() as session:
        await resellers.decide(session, MIA, state="suspended", actor="admin:1", now=shop.time)
    said, alert = await mia.press(help_button, desk)
    assert (said, alert) == ("Your reseller account is suspended. Write to support.", True)
    shown = await mia.say("/reseller")
    assert "suspended" in shown.text
    assert shown.labels == ["🏠 Menu"]


@pytest.mark.parametrize("label", ["✅ Approve", "✖️ Refuse"])
async def test_nobody_decides_about_an_application_that_is_not_there(
    mia: Phone, ada: Phone, shop: Shop, deliver: Deliver, label: str
) -> None:
    await apply(mia)
    await deliver()
    asked = ada.saying("wants to sell on")
    await ada.press(asked.data(label).replace(str(MIA), "77"), asked)
    assert asked.text == "There is no such application."
    assert await state_of(shop) == "applied"
