"""Steps that wait for a yes: one's own, or a second person's; money moves once, and everybody reads what was done."""

from collections.abc import Awaitable, Callable

import pytest
from aiogram import Bot, Dispatcher
from sqlalchemy import func, select

from bot.settings import Settings
from handlers import callbacks
from services import actions
from services.models import Transfer
from services.roles import Role
from tests.handlers import staff as crew
from tests.handlers.phone import Line, Phone
from tests.shop import ADMIN, MIA, Shop

Deliver = Callable[[], Awaitable[None]]


@pytest.fixture
async def mona(shop: Shop, settings: Settings, dispatcher: Dispatcher, telegram: Bot, line: Line, ada: Phone) -> Phone:
    """The manager; there are a reader, a support and another owner, too, and Ada has opened her chat."""
    await ada.say("/start")
    await crew.hire(shop, settings)
    return crew.phone(dispatcher, telegram, line, Role.MANAGER)


async def moved(shop: Shop, code: str) -> int:
    async with shop.db.read() as session:
        return await session.value(select(func.count()).select_from(Transfer).where(Transfer.code == code)) or 0


async def test_a_debit_waits_for_a_yes_and_tells_the_customer(
    ada: Phone, mia: Phone, shop: Shop, deliver: Deliver
) -> None:
    question = await ada.say(f"/debit {MIA} 5.00 paid out in cash")
    assert question.text == "Take $5.00 out of the wallet of Mia (1001)? They are told. Reason: paid out in cash"
    assert question.labels == ["✅ Do it", "Leave it"]
    assert await shop.balance() == "25.00"
    await ada.tap("✅ Do it")
    assert ada.last.text == "✅ $5.00 was taken out of the wallet of Mia (1001).\nBalance now: $20.00"
    await deliver()
    assert mia.last.text.splitlines() == [
        "💸 $5.00 was taken out of your wallet",
        "Balance now: $20.00",
        "Note: paid out in cash",
    ]
    log = (await ada.say("/log")).text
    assert "Ada: $5.00 out of the wallet of Mia (1001). paid out in cash" in log


async def test_a_yes_counts_once(ada: Phone, shop: Shop) -> None:
    question = await ada.say(f"/debit {MIA} 5.00 why not")
    data = question.data("✅ Do it")
    await ada.press(data, question)
    said, alert = await ada.press(data, question)
    assert alert
    assert said is not None
    assert said.startswith("This was decided before")
    assert (await shop.balance(), await moved(shop, "debit")) == ("20.00", 1)


async def test_what_is_left_is_not_done(ada: Phone, shop: Shop) -> None:
    question = await ada.say(f"/debit {MIA} 5.00 why not")
    yes = question.data("✅ Do it")
    await ada.tap("Leave it")
    assert ada.last.text.endswith("Nothing was done.")
    assert ada.last.labels == []
    await ada.press(yes, question)
    assert await shop.balance() == "25.00"


async def test_no_wallet_goes_below_nothing(ada: Phone, mia: Phone, shop: Shop) -> None:
    """Not when it is asked for, and not where the money went meanwhile."""
    assert "$25.00" in (await ada.say(f"/debit {MIA} 25.01 too much")).text
    question = await ada.say(f"/debit {MIA} 25.00 all of it")
    await shop.buy(100)
    said, _ = await ada.tap("✅ Do it", question)
    assert said is not None
    assert "25.00" in said
    assert await shop.balance() == "24.00"
    assert question.labels == ["✅ Do it", "Leave it"]


async def test_a_large_credit_takes_two_people(
    mona: Phone, ada: Phone, shop: Shop, dispatcher: Dispatcher, telegram: Bot, line: Line, deliver: Deliver
) -> None:
    question = await mona.say(f"/credit {MIA} 100.01 a large transfer")
    assert "2 colleagues were asked" in question.text
    assert question.labels == ["Leave it"]
    await deliver()
    support = crew.phone(dispatcher, telegram, line, Role.SUPPORT)
    assert not support.messages
    asked = ada.last
    assert asked.text.splitlines()[0] == "🔑 manager asks for your yes"
    assert "Put $100.01 into the wallet of Mia (1001)? a large transfer" in asked.text
    approval = callbacks.Approve.unpack(asked.data("✅ Do it")).approval_id
    said, _ = await mona.press(callbacks.Approve(approval_id=approval).pack(), question)
    assert said == "Somebody else has to say yes to this: so large a step takes two."
    said, _ = await support.press(callbacks.Approve(approval_id=approval).pack(), None)
    assert said == "That takes the role manager or higher. Please ask an owner of the shop."
    assert await shop.balance() == "25.00"
    await ada.tap("✅ Do it", asked)
    assert await shop.balance() == "125.01"
    await deliver()
    assert mona.saying("Ada said yes").text.splitlines()[0] == "✅ Ada said yes"
    async with shop.db.read() as session:
        actors = await session.values(select(Transfer.actor).where(Transfer.src == "world:manual"))
        assert list(actors) == [f"admin:{ADMIN}"]
        done = await actions.history(session, limit=1, actor=f"admin:{ADMIN}")
    assert done[0].detail["asked_by"] == mona.user_id


async def test_a_no_is_told_to_the_one_who_asked(mona: Phone, ada: Phone, shop: Shop, deliver: Deliver) -> None:
    await mona.say(f"/credit {MIA} 500 please")
    await deliver()
    await ada.tap("Leave it")
    await deliver()
    assert mona.last.text.startswith("✖️ Ada said no: nothing was done")
    assert await shop.balance() == "25.00"


async def test_an_owner_alone_is_enough_where_there_is_nobody_else(ada: Phone, shop: Shop) -> None:
    question = await ada.say(f"/credit {MIA} 500 please")
    assert "There is nobody else who could say yes, so yours is enough." in question.text
    await ada.tap("✅ Do it")
    assert await shop.balance() == "525.00"


async def test_a_role_is_given_and_taken_in_the_chat(ada: Phone, mia: Phone, line: Line) -> None:
    await ada.say(f"/staff {MIA} support")
    assert ada.last.text == "Make Mia (1001) support?"
    await ada.tap("✅ Do it")
    assert ada.last.text == "✅ Mia (1001) is support now."
    assert "log" in line.chats.commands[MIA]
    assert "credit" not in line.chats.commands[MIA]
    assert "🛟 Mia (1001) · support" in (await mia.say("/staff")).text
    await ada.say(f"/staff {MIA} none")
    await ada.tap("✅ Do it")
    assert (await mia.say("/staff")).text.startswith("Sorry, I did not understand")
    assert not any(line.chats.commands[MIA])
    log = (await ada.say(f"/log user {MIA}")).text
    assert "Mia (1001): no role any more" in log
    assert "Mia (1001): now support" in log


async def test_another_owner_takes_a_second_owners_yes(mona: Phone, ada: Phone, deliver: Deliver) -> None:
    question = await ada.say(f"/staff {MIA} owner")
    assert "one colleague was asked" in question.text
    said = (await mona.say(f"/staff {MIA} reader")).text
    assert said == "That takes the role owner or higher. Please ask an owner of the shop."


@pytest.mark.parametrize(
    ("who", "said"),
    [(ADMIN, "an owner by ADMIN_IDS in the settings"), (crew.IDS[Role.OWNER], "Nobody changes their own role")],
)
async def test_some_roles_cannot_be_changed(
    mona: Phone, dispatcher: Dispatcher, telegram: Bot, line: Line, who: int, said: str
) -> None:
    owner = crew.phone(dispatcher, telegram, line, Role.OWNER)
    assert said in (await owner.say(f"/staff {who} reader")).text


async def test_the_log_goes_back_page_by_page(ada: Phone, shop: Shop) -> None:
    for number in range(1, 13):
        await ada.say(f"/credit {MIA} 0.0{number % 9 + 1} number {number}")
    newest = await ada.say("/log")
    assert ("number 12" in newest.text, "number 2" in newest.text) == (True, False)
    assert newest.labels == ["Older ›"]
    await ada.tap("Older ›")
    assert ("number 2" in ada.last.text, "number 12" in ada.last.text) == (True, False)
    await ada.tap("⇤ Newest")
    assert "number 12" in ada.last.text
    assert "Nothing yet." in (await ada.say("/log order 1")).text
    assert "number 12" in (await ada.say(f"/log by {ADMIN}")).text
    assert "Nothing yet." in (await ada.say("/log provider north")).text


async def test_who_got_a_role_before_opening_the_chat_finds_the_commands_with_start(ada: Phone, line: Line) -> None:
    await ada.say("/start")
    assert "stats" in line.chats.commands[ADMIN]


async def test_a_manager_alone_takes_no_large_step(
    shop: Shop, settings: Settings, dispatcher: Dispatcher, telegram: Bot, line: Line
) -> None:
    """The only others are owners who never opened the chat: nobody who could say yes is asked."""
    await crew.hire(shop, settings, Role.MANAGER)
    manager = crew.phone(dispatcher, telegram, line, Role.MANAGER)
    question = await manager.say(f"/credit {MIA} 100.01 a large transfer")
    assert "an owner of the shop has to open this chat first" in question.text
    assert question.labels == ["Leave it"]


async def test_nobody_who_never_came_gets_a_role(ada: Phone) -> None:
    assert "“424242” has not used this bot yet" in (await ada.say("/staff 424242 owner")).text


async def test_what_changed_since_it_was_asked_is_asked_anew(ada: Phone) -> None:
    first = await ada.say("/markup 1 60")
    second = await ada.say("/markup 1 40")
    await ada.tap("✅ Do it", first)
    said, alert = await ada.tap("✅ Do it", second)
    assert (said, alert) == (
        "That has changed since you were asked. Nothing was done; please ask for it anew.",
        True,
    )


async def test_a_question_to_the_staff_is_left_with_cancel(ada: Phone) -> None:
    await ada.say("/broadcast")
    await ada.tap("✏️ New message")
    assert (await ada.say("/cancel")).text.startswith(
        "Left as it was: that question is closed, and nothing was changed."
    )
