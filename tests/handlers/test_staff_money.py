"""Refunds by hand, cancellations and rests sent elsewhere: said first, bounded, told, and never done twice."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from pydantic import SecretStr
from sqlalchemy import update

from bot.settings import ProviderSettings, Settings
from services import canceling, finishing, wallet
from services.models import Order, Service
from services.money import Money
from services.roles import Role
from tests.handlers import staff as crew
from tests.handlers.conftest import TOKEN
from tests.handlers.phone import Line, Phone
from tests.scripted_panel import row
from tests.shop import ADMIN, LINK, MIA, Shop

Deliver = Callable[[], Awaitable[None]]
Hired = Callable[[Role], Phone]
YES = "✅ Do it"


@pytest.fixture
def settings() -> Settings:
    """Two providers, and what is above $8.00 takes two people."""
    panel = ProviderSettings(url="http://127.0.0.1:9/api", key=SecretStr("scripted"))
    return Settings(
        _env_file=None,
        bot_token=TOKEN,
        admin_ids=frozenset({ADMIN}),
        undo_seconds=10,
        providers={"north": panel, "south": panel},
        second_admin_above=Money.parse("8"),
    )


@pytest.fixture
async def hired(shop: Shop, settings: Settings, dispatcher: Dispatcher, telegram: Bot, line: Line) -> Hired:
    """Somebody with each role."""
    await crew.hire(shop, settings)
    return lambda role: crew.phone(dispatcher, telegram, line, role)


async def stopped(shop: Shop) -> int:
    """600 of 1,000 came for $10.00, $4.00 is back."""
    order_id = await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    return order_id


async def test_a_refund_is_asked_for_then_given_and_its_customer_told(
    ada: Phone, mia: Phone, shop: Shop, deliver: Deliver
) -> None:
    await shop.completed()
    asked = (await ada.say("/refund 1 2.50 it came late")).text
    assert "Give $2.50 of order #1 back to Mia? They paid $10.00, $0.00 came back before." in asked
    assert await shop.balance() == "15.00"
    question = ada.last
    await ada.tap(YES, question)
    assert question.text.startswith("✅ $2.50 of order #1 is back with Mia, who is told. it came late")
    assert "$17.50" in question.text
    assert await shop.balance() == "17.50"
    told, is_alert = await ada.press(f"ap:{1}", question)
    assert is_alert
    assert told is not None
    assert "Nothing was done now" in told
    await deliver()
    said = mia.saying("Money back from order #1").text
    assert "Back in your wallet: $2.50" in said
    assert "Note: it came late" in said
    assert "$2.50 of order #1 back to Mia. it came late" in (await ada.say("/log order 1")).text
    await shop.audit()


async def test_the_reckoning_of_a_stopped_order_stays_true_after_a_refund_by_hand(
    ada: Phone, mia: Phone, shop: Shop, deliver: Deliver
) -> None:
    await stopped(shop)
    await deliver()
    await ada.say("/refund 1 1.50 it came late")
    await ada.tap(YES)
    await mia.tap("Why did this happen?")
    said = mia.last.text
    assert "600 delivered: $10.00 × 600 ÷ 1,000 = $6.00" in said
    assert "400 not delivered: $10.00 − $6.00 = $4.00 back" in said
    assert "Given back on top by the shop: $1.50" in said


async def test_without_an_amount_all_that_is_left_goes_back(ada: Phone, shop: Shop) -> None:
    await stopped(shop)
    for typed in ("/refund #1 all it never came", "/refund 1 it never came"):
        assert (
            "Give $6.00 of order #1 back to Mia? They paid $10.00, $4.00 came back before."
            in (await ada.say(typed)).text
        )
    await ada.tap(YES)
    assert await shop.balance() == "25.00"
    assert "All that this order cost is back already." in (await ada.say("/refund 1 1 again")).text
    await shop.audit()


async def test_of_two_questions_about_one_order_only_the_first_yes_counts(ada: Phone, shop: Shop) -> None:
    """The second was asked when less had come back: it is asked anew, not added."""
    await shop.completed()
    first = await ada.say("/refund 1 3 late")
    second = await ada.say("/refund 1 3 late")
    await ada.tap(YES, first)
    told, _ = await ada.press(second.data(YES), second)
    assert told is not None
    assert "Some of this order came back since that was asked." in told
    assert await shop.balance() == "18.00"
    await shop.audit()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Usage: /refund"),
        ("one 2 late", "“one” is not a number"),
        ("1 2", "Please say why, too"),
        ("1", "Please say why, too"),
        ("1 0 late", "more than zero"),
        ("1 10.01 late", "That is more than is left of this order: $10.00 at the most."),
        ("1 -1 late", "more than zero"),
        ("1 2,5,0 late", "is not an amount"),
    ],
)
async def test_a_refund_that_cannot_be_is_told_and_moves_nothing(ada: Phone, shop: Shop, typed: str, said: str) -> None:
    await shop.completed()
    assert said in (await ada.say(f"/refund {typed}")).text
    assert await shop.balance() == "15.00"


async def test_the_money_of_an_order_under_way_follows_the_order_and_the_way_out_is_shown(
    ada: Phone, shop: Shop
) -> None:
    await shop.buy()
    queued = await ada.say("/refund 1 all late")
    assert "has not left yet. Cancel it" in queued.text
    assert queued.labels == ["✖️ Cancel it", "📖 #1"]
    shop.north.adds = ["drop"]
    await shop.submit()
    doubted = await ada.say("/refund 1 all late")
    assert "Nobody knows whether north has order #1" in doubted.text
    assert doubted.labels == ["It is there: enter its id", "It is not there", "📖 #1"]
    await shop.placed(100, f"{LINK}2")
    placed = await ada.say("/refund 2 all late")
    assert "is under way at north. Its $1.00 is held" in placed.text
    assert placed.labels == ["✖️ Cancel it", "📖 #2"]
    async with shop.db.write() as session:
        await session.run(update(Order).where(Order.id == 2).values(provider="west"))
    gone = await ada.say("/refund 2 all late")
    assert "which is not in the settings" in gone.text
    await ada.tap("Enter the delivered count", gone)
    await ada.say("0")
    assert (await shop.order(2)).refunded == Money.parse("1")


async def test_the_button_under_an_order_asks_how_much_and_why(ada: Phone, shop: Shop) -> None:
    await shop.completed()
    await ada.say("/order #1")
    await ada.tap("💵 Give money back")
    assert "Up to $10.00" in ada.last.text
    assert "Please say why, too" in (await ada.say("2.50")).text
    assert "is not an amount" in (await ada.say("2.5o late")).text
    assert "Give $2.50 of order #1 back to Mia?" in (await ada.say("2.50 late")).text
    assert "Sorry, I did not understand that." in (await ada.say("2.50 late")).text


async def test_a_command_is_no_answer_to_a_question(ada: Phone, shop: Shop) -> None:
    await shop.completed()
    await ada.say("/order #1")
    await ada.tap("💵 Give money back")
    assert "Your wallet" in (await ada.say("/wallet")).text
    assert "Give $10.00 of order #1 back" in (await ada.say("all late")).text


async def test_a_large_refund_takes_a_manager_and_a_second_person(hired: Hired, shop: Shop, deliver: Deliver) -> None:
    await shop.completed()
    support, manager = hired(Role.SUPPORT), hired(Role.MANAGER)
    assert "That takes the role manager" in (await support.say("/refund 1 8.01 late")).text
    asked = await manager.say("/refund 1 8.01 late")
    assert "Somebody else must say yes" in asked.text
    assert YES not in asked.labels
    assert await shop.balance() == "15.00"
    await deliver()
    owner = hired(Role.OWNER)
    await owner.tap(YES, owner.saying("asks for your yes"))
    assert await shop.balance() == "23.01"
    assert not [shown for shown in support.messages if "asks for your yes" in shown.text]
    await shop.audit()


async def test_support_gives_back_what_is_not_large(hired: Hired, shop: Shop) -> None:
    await shop.completed()
    support = hired(Role.SUPPORT)
    await support.say("/refund 1 8 late")
    await support.tap(YES)
    assert await shop.balance() == "23.00"


async def test_a_large_refund_in_parts_is_large(hired: Hired, shop: Shop) -> None:
    await shop.completed()
    support = hired(Role.SUPPORT)
    await support.say("/refund 1 7 late")
    await support.tap(YES)
    await support.say("/refund 1 1 late")
    await support.tap(YES)
    refused = (await support.say("/refund 1 1 late")).text
    assert refused == "That takes the role manager or higher. Please ask an owner of the shop."
    assert YES not in (await hired(Role.MANAGER).say("/refund 1 1 late")).labels
    assert await shop.balance() == "23.00"


async def test_an_order_that_never_left_is_given_back_after_a_question(
    ada: Phone, mia: Phone, shop: Shop, deliver: Deliver
) -> None:
    await shop.buy()
    asked = await ada.say("/cancel 1")
    assert "has not left yet. Give all of its money back?" in asked.text
    assert await shop.balance() == "15.00"
    await ada.tap("Give the money back", asked)
    assert asked.text.startswith("✅ Order #1 is cancelled, and all of its money is back.\n\n📖 Order #1")
    assert await shop.balance() == "25.00"
    await deliver()
    said = mia.saying("was taken back").text
    assert "All of it is back in your wallet: $10.00" in said
    assert "The shop took it back before it was sent to a server." in said
    assert "order 1 cancelled before it left" in (await ada.say("/log order 1")).text
    await ada.press("oc:1:1", asked)
    assert "is over already: there is nothing to cancel. /refund 1" in asked.text
    await shop.audit()


async def test_what_is_called_off_is_not_finished_elsewhere_though_it_ends_before_its_provider_has_answered(
    ada: Phone, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shop.db.write() as session:
        await finishing.allow(session, MIA, finishing.Allowed(everything=True, percent=50, orders=3))
    await shop.placed()
    answered = canceling.ask

    async def ask(*about: Any, **named: Any) -> canceling.Answer:
        shop.north.rows["1"] = row("Canceled", "1000")
        await shop.poll()
        return await answered(*about, **named)

    monkeypatch.setattr(canceling, "ask", ask)
    await ada.tap("Ask north to cancel", await ada.say("/cancel 1"))
    async with shop.db.write() as session:
        assert await finishing.claim(session, shop.time) == []
    assert await shop.balance() == "25.00"


async def test_a_placed_order_is_asked_of_its_provider_and_both_sides_are_written_down(ada: Phone, shop: Shop) -> None:
    await shop.placed()
    asked = await ada.say("/cancel 1")
    assert "north has order #1. Ask it to cancel? Its catalogue says that this service can be cancelled." in asked.text
    shop.north.cancels = [{"order": 1, "cancel": 1}]
    await ada.tap("Ask north to cancel", asked)
    assert asked.text.startswith("✅ north was asked to cancel and says yes.")
    assert await shop.balance() == "15.00"
    log = (await ada.say("/log order 1")).text
    assert log.index("north says that it cancels") < log.index("the provider is asked to cancel")
    shop.north.rows["1"] = row("Canceled", "300")
    await shop.poll()
    assert await shop.balance() == "18.00"
    await shop.audit()


async def test_a_provider_that_refuses_or_says_nothing_is_told_and_changes_nothing(ada: Phone, shop: Shop) -> None:
    await shop.placed()
    async with shop.db.write() as session:
        await session.run(update(Service).values(cancel=False))
    asked = await ada.say("/cancel 1")
    assert "it will probably refuse" in asked.text
    shop.north.cancels = [{"order": 1, "cancel": {"error": "Too late"}}]
    await ada.tap("Ask north to cancel", asked)
    assert asked.text.startswith("✖️ north refuses to cancel: Too late")
    shop.north.cancels = None
    again = await ada.say("/cancel 1")
    await ada.tap("Ask north to cancel", again)
    assert again.text.startswith("⚠️ north gave no clear answer")
    assert (await shop.order(1)).status == "placed"


async def test_an_order_that_moved_since_the_question_is_not_called_off(ada: Phone, shop: Shop) -> None:
    await shop.buy()
    asked = await ada.say("/cancel 1")
    data = asked.data("Give the money back")
    shop.north.adds = ["drop"]
    await shop.submit()
    await ada.press(data, asked)
    assert "Nobody knows whether north has order #1" in asked.text
    assert await shop.balance() == "15.00"


async def test_cancel_alone_is_the_customers_own_for_everybody(hired: Hired, mia: Phone) -> None:
    for phone in (mia, *map(hired, Role)):
        assert "There is nothing to cancel." in (await phone.say("/cancel")).text


async def test_the_rest_is_offered_to_its_customer_whose_tap_buys_it(
    ada: Phone, mia: Phone, shop: Shop, deliver: Deliver
) -> None:
    await stopped(shop)
    await ada.say("/order #1")
    await ada.tap("🔁 The rest elsewhere")
    shown = ada.last
    assert "The remaining 400 of order #1" in shown.text
    assert "• Server B (south): 400 · $4.00" in shown.text
    await ada.tap("✉️ Offer B", shown)
    assert "nothing is bought without their tap" in ada.last.text
    await ada.tap(YES)
    assert "Mia is offered the rest of order #1 for $4.00" in ada.last.text
    assert await shop.balance() == "19.00"
    await deliver()
    offered = mia.saying("can be ordered now")
    assert "south" not in offered.text
    await mia.tap("Order the remaining 400", offered)
    assert (await shop.order(2)).replaces_id == 1
    assert "the rest of order #1 offered to Mia" in (await ada.say("/log order 1")).text


async def test_the_rest_is_ordered_for_its_customer_from_their_wallet_and_they_are_told(
    ada: Phone, mia: Phone, shop: Shop, deliver: Deliver
) -> None:
    await stopped(shop)
    await ada.say("/order #1")
    await ada.tap("🔁 The rest elsewhere")
    await ada.tap("Order B")
    assert "for $4.00 from their wallet?" in ada.last.text
    assert await shop.balance() == "19.00"
    await ada.tap(YES)
    assert "Order #2 is placed for Mia" in ada.last.text
    assert await shop.balance() == "15.00"
    await deliver()
    said = mia.saying("We ordered the rest of order #1 for you").text
    assert "400 on Server B for $4.00" in said
    assert "south" not in said
    await mia.tap("↩️ Undo")
    assert await shop.balance() == "19.00"
    await shop.audit()


async def test_a_wallet_that_no_longer_pays_for_a_rest_is_not_called_the_readers_own(ada: Phone, shop: Shop) -> None:
    await stopped(shop)
    await ada.say("/order #1")
    await ada.tap("🔁 The rest elsewhere")
    await ada.tap("Order B")
    async with shop.db.write() as session:
        gone = Money.parse("16.00")
        await wallet.debit(session, user_id=MIA, amount=gone, key="d", actor="admin:1", now=shop.now())
    told, _ = await ada.tap(YES)
    assert told == "That is $4.00, and their wallet holds $3.00: $1.00 is missing. Nothing was done."


async def test_a_large_rest_takes_a_manager(hired: Hired, shop: Shop) -> None:
    await shop.placed()
    shop.north.rows["1"] = row("Canceled", "1000")
    await shop.poll()
    support = hired(Role.SUPPORT)
    await support.say("/order #1")
    await support.tap("🔁 The rest elsewhere")
    told, _ = await support.tap("Order B")
    assert told == "That takes the role manager or higher. Please ask an owner of the shop."
    await support.tap("Order C")
    await support.tap(YES)
    assert (await shop.order(2)).charge == Money.parse("2.5")


async def test_a_rest_that_cannot_be_had_any_more_is_said(ada: Phone, shop: Shop) -> None:
    await stopped(shop)
    await ada.say("/order #1")
    await ada.tap("🔁 The rest elsewhere")
    shown = ada.last
    async with shop.db.write() as session:
        await session.run(update(Service).where(Service.provider == "south").values(on_sale=False))
    told, _ = await ada.tap("✉️ Offer B", shown)
    assert told is not None
    assert "out of date" in told
    await ada.tap("Order C", shown)
    question = ada.last
    async with shop.db.write() as session:
        await session.run(update(Service).where(Service.external_id == "3").values(rate=Money.parse("3")))
    told, _ = await ada.tap(YES, question)
    assert told is not None
    assert "The price has changed: it is $1.20 now." in told
    async with shop.db.write() as session:
        await session.run(update(Service).values(on_sale=False))
    await ada.tap("🔁 The rest elsewhere")
    assert "No other server offers this at the moment." in ada.last.text
    assert await shop.balance() == "19.00"
