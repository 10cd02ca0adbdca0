"""People in the hands of the staff: found, shown, seen through their own eyes, noted about, banned and let in."""

import pytest
from aiogram import Bot, Dispatcher
from sqlalchemy import update

from bot.settings import Settings
from services.models import User
from services.roles import Role
from tests.handlers import staff as crew
from tests.handlers.phone import Line, Phone
from tests.scripted_panel import row
from tests.shop import LINK, MIA, Shop

YES = "✅ Do it"


@pytest.fixture
async def reader(shop: Shop, settings: Settings, dispatcher: Dispatcher, telegram: Bot, line: Line) -> Phone:
    """Somebody who may look."""
    await crew.hire(shop, settings)
    return crew.phone(dispatcher, telegram, line, Role.READER)


async def test_a_person_is_shown_with_what_they_have_and_spent(ada: Phone, shop: Shop) -> None:
    await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    await shop.buy(100, f"{LINK}2")
    async with shop.db.write() as session:
        await session.run(update(User).where(User.id == MIA).values(username="mia", unreachable_since=shop.time))
    for typed in (str(MIA), "@mia", "Mi"):
        told = (await ada.say(f"/user {typed}")).text
        assert told.startswith(f"👤 Mia ({MIA}) @mia\n"), typed
    for words in (
        "🔕 Cannot be reached since May 4, 2026, 12:00 UTC",
        "👛 $18.00, and $1.00 held for open orders",
        "📦 2 orders, 1 open",
        "Spent $6.00, $4.00 came back",
        "Last seen May 4, 2026, 12:00 UTC",
        "Here since May 4, 2026, 12:00 UTC",
        "Language: en",
    ):
        assert words in told, words


async def test_several_people_are_a_list_and_nobody_is_said(ada: Phone, shop: Shop) -> None:
    shown = await ada.say("/user m")
    assert shown.text == "“m”: 2 people"
    assert shown.labels == ["👤 Omar · 1002", f"👤 Mia · {MIA}"]
    await ada.tap("👤 Omar", shown)
    assert ada.last.text.startswith("👤 Omar (1002)")
    assert "📦 No orders" in ada.last.text
    assert "“Zoe” has not used this bot yet" in (await ada.say("/user Zoe")).text
    assert "Usage: /user" in (await ada.say("/user")).text


async def test_the_staff_sees_a_persons_screens_and_can_change_nothing_there(
    reader: Phone, mia: Phone, shop: Shop
) -> None:
    await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    theirs = await mia.say("/orders")
    goal = theirs.labels[0]
    shown = await reader.say(f"/user {MIA}")
    await reader.tap("👁 Their history", shown)
    assert shown.text == "👁 What Mia sees\n\nYour orders"
    assert shown.labels == [goal, "‹ Back"]
    await mia.tap(goal, theirs)
    await reader.tap(goal, shown)
    assert shown.text == f"👁 What Mia sees\n\n{theirs.text}"
    assert shown.labels == ["📖 #1", "‹ Back"]
    await reader.tap("‹ Back", shown)
    await reader.tap("‹ Back", shown)
    await reader.tap("👁 Their wallet", shown)
    wallet = (await mia.say("/wallet")).text
    assert "Balance: $19.00" in shown.text
    assert shown.text.partition("Statement")[2] == wallet.partition("Statement")[2]
    assert shown.labels == ["‹ Back"]


async def test_an_empty_history_and_wallet_are_seen_as_such(ada: Phone) -> None:
    shown = await ada.say("/user 1002")
    await ada.tap("👁 Their history", shown)
    assert "You have not ordered anything yet." in shown.text
    await ada.press("pw:1002:0", shown)
    assert "Nothing was paid in or out yet." in shown.text
    await ada.press("ps:1002:0", shown)
    assert "Nothing was paid in or out yet." in shown.text
    assert (await ada.press("pg:1002:1:0", shown))[0] == "There is no order #1."


async def test_the_statement_says_who_of_the_staff_moved_what_page_by_page(ada: Phone, shop: Shop) -> None:
    for number in range(8):
        shop.wait(minutes=1)
        await shop.buy(100, f"{LINK}{number}")
    shop.wait(minutes=1)
    await ada.say(f"/credit {MIA} 3 sorry")
    shown = await ada.say(f"/user {MIA}")
    await ada.tap("📒 Statement", shown)
    assert "paid in · +$3.00 · Ada" in shown.text
    assert "order #8 · −$1.00\n" in shown.text
    assert "Balance: $20.00" in shown.text
    await ada.tap("Page 2 ›", shown)
    assert "paid in · +$25.00" in shown.text
    await ada.tap("‹ Page 1", shown)
    await ada.tap("‹ Back", shown)
    await ada.tap("📦 Orders", shown)
    assert shown.text == "🗂 Orders of the shop · Mia"


async def test_a_note_is_kept_with_its_author_and_time(ada: Phone, reader: Phone) -> None:
    shown = await ada.say(f"/user {MIA}")
    await ada.tap("✏️ Add a note", shown)
    assert "What is to be noted about Mia?" in ada.last.text
    assert "at most 500 characters" in (await ada.say("x" * 501)).text
    told = (await ada.say("asks for\na bill")).text
    assert told.startswith("✅ Noted.\n\n👤 Mia")
    assert "🗒 Notes\nMay 4, 2026, 12:00 · Ada: asks for a bill" in told
    shown = await reader.say(f"/user {MIA}")
    assert "Ada: asks for a bill" in shown.text
    assert not [label for label in shown.labels if "note" in label or "Ban" in label]
    await reader.tap("🗒 Notes", shown)
    assert shown.text.splitlines()[2:] == ["May 4, 2026, 12:00 · Ada: asks for a bill"]
    assert f"note about user {MIA}: asks for a bill" in (await ada.say(f"/log user {MIA}")).text


async def test_notes_are_paged(ada: Phone) -> None:
    for number in range(12):
        await ada.say(f"/user {MIA}")
        await ada.tap("✏️ Add a note")
        await ada.say(f"note {number}")
    shown = await ada.say(f"/user {MIA}")
    assert [line.partition("Ada: ")[2] for line in shown.text.splitlines()[-3:]] == ["note 9", "note 10", "note 11"]
    await ada.tap("🗒 Notes", shown)
    assert "note 2" in shown.text
    await ada.tap("Older ›", shown)
    assert [line.partition("Ada: ")[2] for line in shown.text.splitlines()[2:]] == ["note 1", "note 0"]
    await ada.tap("⇤ Newest", shown)
    assert "note 11" in shown.text
    await ada.press("pn:1002:0", shown)
    assert "Nobody has noted anything." in shown.text


async def test_a_banned_person_reads_so_and_keeps_the_money(ada: Phone, mia: Phone, shop: Shop) -> None:
    asked = await ada.say(f"/ban {MIA} stolen cards")
    assert "Their money and their orders stay as they are. Reason: stolen cards" in asked.text
    assert "Your wallet" in (await mia.say("/wallet")).text
    await ada.tap(YES, asked)
    assert asked.text == "🚫 Mia is banned. Money and orders stay as they are."
    await ada.tap("👤 Mia", asked)
    assert "🚫 Banned by Ada, May 4, 2026, 12:00 UTC: stolen cards" in ada.last.text
    assert (await mia.say("/wallet")).text == (
        "This account may not use the shop. Its money stays where it is. "
        "If you think that is a mistake, please write to support."
    )
    assert await shop.balance() == "25.00"
    assert "Mia is banned already." in (await ada.say(f"/ban {MIA} again")).text
    assert (await ada.say("/user mi")).text.startswith("👤 Mia")
    await ada.tap("Let in again")
    assert f"Let Mia ({MIA}) in again?" in ada.last.text
    await ada.tap(YES)
    assert "Mia may come in again." in ada.last.text
    assert "Your wallet" in (await mia.say("/wallet")).text
    log = (await ada.say(f"/log user {MIA}")).text
    assert f"Mia ({MIA}) banned. stolen cards" in log
    assert f"Mia ({MIA}) let in again" in log


async def test_the_button_on_a_card_asks_why_before_it_asks_whether(ada: Phone, mia: Phone) -> None:
    await ada.say(f"/user {MIA}")
    await ada.tap("🚫 Ban")
    assert "Why is Mia to be banned?" in ada.last.text
    assert "Please say why, too" in (await ada.say(None)).text
    assert "Reason: stolen cards" in (await ada.say("stolen\ncards")).text
    await ada.tap(YES)
    assert "may not use the shop" in (await mia.say("/start")).text
    await ada.say(f"/unban {MIA}")
    await ada.tap(YES)
    assert "Welcome" in (await mia.say("/start")).text


async def test_who_runs_the_shop_is_not_banned_by_command_by_button_or_meanwhile(
    ada: Phone, mia: Phone, reader: Phone, shop: Shop
) -> None:
    refused = "This person helps to run the shop and cannot be banned."
    assert refused in (await ada.say(f"/ban {reader.user_id} why")).text
    assert refused in (await ada.say(f"/ban {ada.user_id} why")).text
    told, _ = await ada.press(f"pb:{reader.user_id}", None)
    assert told is not None
    assert refused in told
    asked = await ada.say(f"/ban {MIA} why")
    await ada.say(f"/staff {MIA} reader")
    await ada.tap(YES)
    told, _ = await ada.tap(YES, asked)
    assert told is not None
    assert refused in told
    assert "Your wallet" in (await mia.say("/wallet")).text
    assert not [label for label in (await ada.say(f"/user {MIA}")).labels if "Ban" in label]


async def test_what_was_mistyped_is_told_with_how_it_is_typed(ada: Phone) -> None:
    assert "Usage: /ban" in (await ada.say("/ban")).text
    assert "Please say why, too" in (await ada.say(f"/ban {MIA}")).text
    assert "“@zoe” has not used this bot yet" in (await ada.say("/ban @zoe why")).text
    assert "Usage: /unban" in (await ada.say("/unban")).text
    assert "is more than this command takes" in (await ada.say(f"/unban {MIA} please")).text
    assert "Mia is not banned." in (await ada.say(f"/unban {MIA}")).text
