"""Orders in the hands of the staff: found, told whole, refreshed, listed; and those that wait for a person."""

from collections.abc import Awaitable, Callable

import pytest
from aiogram import Bot, Dispatcher
from pydantic import SecretStr
from sqlalchemy import insert, update

from bot.settings import ProviderSettings, Settings
from services import actions
from services.models import Order, User
from services.money import Money
from services.roles import Role
from tests.handlers import staff as crew
from tests.handlers.conftest import TOKEN
from tests.handlers.phone import Line, Phone
from tests.scripted_panel import row
from tests.shop import ADMIN, LINK, MIA, Shop

Deliver = Callable[[], Awaitable[None]]


@pytest.fixture
def settings() -> Settings:
    """A shop with both providers."""
    panel = ProviderSettings(url="http://127.0.0.1:9/api", key=SecretStr("scripted"))
    providers = {"north": panel, "south": panel}
    return Settings(_env_file=None, bot_token=TOKEN, admin_ids=frozenset({ADMIN}), undo_seconds=10, providers=providers)


@pytest.fixture
async def reader(shop: Shop, settings: Settings, dispatcher: Dispatcher, telegram: Bot, line: Line) -> Phone:
    """Somebody who may look."""
    await crew.hire(shop, settings)
    return crew.phone(dispatcher, telegram, line, Role.READER)


async def stopped(shop: Shop) -> int:
    """600 of 1,000 came for $10.00, $4.00 is back."""
    order_id = await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    return order_id


async def test_one_hit_shows_the_whole_story(ada: Phone, shop: Shop, deliver: Deliver) -> None:
    await stopped(shop)
    await deliver()
    told = (await ada.say(f"/order {LINK}")).text
    assert told.startswith("📖 Order #1 · Stopped early\nInstagram Likes · Real · Server A\n")
    for words in (
        "600 of 1,000 delivered",
        f"👤 Mia ({MIA})",
        "🏭 north, service 1, order 1",
        "paid into the hold · $10.00",
        "✅ kept $6.00 + back $4.00 = paid $10.00",
        "Costs us $8.00; the provider charged 0.50",
        "1 · May 4, 2026, 12:00 · accepted",
        "stopped early · sent",
        "at the provider",
        "stopped early · 600 delivered · $4.00 back in all",
    ):
        assert words in told, words
    assert "What the staff did" not in told


async def test_an_order_is_found_by_customer_and_by_the_providers_number(ada: Phone, shop: Shop) -> None:
    await shop.placed(100)
    async with shop.db.write() as session:
        await session.run(update(Order).values(provider_order_id="70001"))
        await session.run(update(User).where(User.id == MIA).values(username="mia"))
    for known in ("70001", "@mia", str(MIA), "#1", "instagram.com/p/abc"):
        assert (await ada.say(f"/order {known}")).text.startswith("📖 Order #1"), known
    assert "No order is found by “70002”" in (await ada.say("/order 70002")).text
    assert "Usage: /order" in (await ada.say("/order")).text


async def test_several_hits_are_a_list_and_one_tap_shows_each(ada: Phone, shop: Shop) -> None:
    for number in range(9):
        await shop.buy(100, f"{LINK}{number}")
    shown = await ada.say(f"/order {MIA}")
    assert shown.text == f"The newest 8 orders for “{MIA}”"
    assert shown.labels[0] == "⏳ #9 · Mia · Instagram Likes · R… · 0 of 100"
    await ada.tap("Older ›", shown)
    assert "Orders of the shop · Mia" in shown.text
    assert shown.labels[0].startswith("⏳ #1 ·")
    await ada.tap("⏳ #1 ·", shown)
    assert ada.last.text.startswith("📖 Order #1")


async def test_a_part_of_the_story_is_shown_alone_and_leads_back(ada: Phone, shop: Shop) -> None:
    shop.north.adds = [(502, "<html>" + "Bad gateway " * 40 + "</html>")]
    await shop.placed()
    shown = await ada.say("/order #1")
    assert shown.text.count("Bad gateway") < 20
    assert [label for label in shown.labels if label.startswith("It is")] == [
        "It is there: enter its id",
        "It is not there",
    ]
    await ada.tap("📤 Attempts", shown)
    assert shown.text.startswith("📖 Order #1 · Being verified\n\n📤 Attempts\n")
    assert shown.text.count("Bad gateway") > 30
    assert "no clear answer" in shown.text
    await ada.tap("‹ Back", shown)
    assert "💵 Money" in shown.text


async def test_the_orders_of_a_goal_lead_to_one_another(ada: Phone, mia: Phone, shop: Shop, deliver: Deliver) -> None:
    await stopped(shop)
    await deliver()
    await mia.tap("Order the remaining 400")
    shown = await ada.say("/order #1")
    assert "🧩 All orders of this goal" in shown.text
    assert "🔁 The rest elsewhere" not in shown.labels, "it is on its way already"
    await ada.tap("📖 #2", shown)
    assert shown.text.startswith("📖 Order #2")


async def test_a_long_story_fits_into_one_message(ada: Phone, shop: Shop) -> None:
    """The phone refuses what Telegram would."""
    long = "x" * 900
    shop.north.adds = [(502, long)]
    await shop.placed()
    async with shop.db.write() as session:
        await session.run(update(User).where(User.id == MIA).values(name="M" * 128))
        await session.run(update(Order).values(service_name="S" * 160, link="https://example.com/" + "l" * 400))
    for _ in range(12):
        await ada.say("/order #1")
        await ada.tap("👤 M")
        await ada.tap("✏️ Add a note")
        await ada.say("<b>&" * 120)
    assert "Order #1" in (await ada.say("/order #1")).text
    await ada.tap("👤 M")
    await ada.tap("🗒 Notes")
    assert "Notes about" in ada.last.text


async def test_a_refresh_asks_the_provider_now_and_its_answer_counts(
    ada: Phone, mia: Phone, shop: Shop, deliver: Deliver
) -> None:
    await shop.placed()
    shown = await ada.say("/order #1")
    shop.north.rows["1"] = row("Partial", "400")
    await ada.tap("🔄 Ask north now", shown)
    assert shown.text.startswith("🔄 north says: Partial, 400 left\n\n📖 Order #1 · Stopped early")
    assert "Ada: order 1 asked about: Partial" in shown.text
    assert await shop.balance() == "19.00"
    await deliver()
    assert "$4.00" in mia.saying("stopped early\n").text


async def test_what_the_provider_does_not_say_is_said(ada: Phone, shop: Shop) -> None:
    await shop.placed()
    shown = await ada.say("/order #1")
    shop.north.rows["1"] = {"error": "Incorrect order ID"}
    await ada.tap("🔄 Ask north now", shown)
    assert "north says nothing of this order: Incorrect order ID" in shown.text
    shop.north.raw_status = (502, "<html>Bad gateway</html>")
    await ada.tap("🔄 Ask north now", shown)
    assert "north gave no answer. Nothing has changed." in shown.text
    del shop.clients["north"]
    await ada.tap("🔄 Ask north now", shown)
    assert "north is not in the settings" in shown.text


async def test_who_only_looks_has_no_button_that_changes_anything(reader: Phone, shop: Shop) -> None:
    await stopped(shop)
    shown = await reader.say("/order #1")
    assert shown.labels == [
        *("💵 Money", "📤 Attempts", "✉️ Told", "👣 Steps"),
        *("👤 Mia", "📜 Log"),
    ]


async def test_the_log_of_an_order_is_one_tap_away(ada: Phone, shop: Shop) -> None:
    await shop.placed()
    shown = await ada.say("/order #1")
    await ada.tap("🔄 Ask north now", shown)
    await ada.tap("📜 Log", shown)
    assert "asked about: Pending" in shown.text


async def test_an_order_that_does_not_exist_is_said_to_whoever_taps(ada: Phone) -> None:
    for data in ("os:9:all:0", "or:9", "oc:9:0", "om:9", "oe:9"):
        assert await ada.press(data, None) == ("There is no order #9.", True), data


@pytest.mark.parametrize(("name", "said"), [("п" * 27, "Usage: /orders"), ("²", "Orders of the shop · ²")])
async def test_a_provider_that_no_button_can_name_is_no_defect(ada: Phone, name: str, said: str) -> None:
    assert said in (await ada.say(f"/orders provider {name}")).text


async def test_a_page_of_long_names_and_long_words_fits_into_one_message(ada: Phone, shop: Shop) -> None:
    """The phone refuses what Telegram would."""
    detail = {"order": "123456", "name": "M" * 129, "what": "w" * 300, "price": Money.parse("12345.123456")}
    async with shop.db.write() as session:
        await session.run(insert(User).values(id=7, name="A" * 129, banned=False, created_at=shop.now()))
        notes = [actions.Note(f"key {number}", "admin:7", "resend", "order:1", detail) for number in range(11)]
        await actions.note(session, notes, shop.now())
    shown = await ada.say("/log")
    assert shown.text.count("12,345.123456") == 10


async def test_the_list_is_paged_and_filtered_by_tap(ada: Phone, shop: Shop) -> None:
    await stopped(shop)
    for number in range(9):
        await shop.buy(100, f"{LINK}{number}")
    shown = await ada.say("/orders")
    assert shown.text == "🗂 Orders of the shop"
    assert [label.split(" ·")[0] for label in shown.labels[:8]] == [f"⏳ #{number}" for number in range(10, 2, -1)]
    await ada.tap("Older ›", shown)
    assert [label.split(" ·")[0] for label in shown.labels[:2]] == ["⏳ #2", "🟡 #1"]
    await ada.tap("⇤ Newest", shown)
    await ada.tap("🟡 Stopped early", shown)
    assert shown.text == "🗂 Orders of the shop · partial"
    assert shown.labels[0].startswith("🟡 #1 · Mia")
    await ada.tap("➖ Cancelled", shown)
    assert shown.text == "🗂 Orders of the shop · canceled\n\nThere are none."
    await ada.tap("📦 My own orders", shown)
    assert ada.last.text.startswith("Your orders")


@pytest.mark.parametrize(
    ("typed", "title", "numbers"),
    [
        ("partial", "· partial", ["1"]),
        ("open", "· open", ["2"]),
        (f"user {MIA}", "· Mia", ["2", "1"]),
        ("@mia open", "· open · Mia", ["2"]),
        ("service 1", "· service 1", ["2", "1"]),
        ("OPEN provider north", "· open · north", ["2"]),
        ("provider south", "· south", []),
    ],
)
async def test_the_list_is_filtered_by_what_is_typed(
    ada: Phone, shop: Shop, typed: str, title: str, numbers: list[str]
) -> None:
    await stopped(shop)
    await shop.buy(100, f"{LINK}2")
    async with shop.db.write() as session:
        await session.run(update(User).where(User.id == MIA).values(username="mia"))
    shown = await ada.say(f"/orders {typed}")
    assert shown.text.splitlines()[0] == f"🗂 Orders of the shop {title}"
    assert [label.split("#")[1].split(" ")[0] for label in shown.labels if "#" in label] == numbers


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("stopped", "“stopped” is none of these: open, queued,"),
        ("open partial", "“partial” is none of these"),
        ("service one", "“one” is not a number"),
        ("user", "Usage: /orders"),
        ("@nobody", "“@nobody” has not used this bot yet"),
        (f"user {MIA} service 1", "“service” is more than this command takes."),
        (f"provider {'x' * 40}", "Usage: /orders"),
    ],
)
async def test_a_filter_that_cannot_be_read_is_told_with_the_usage(ada: Phone, typed: str, said: str) -> None:
    assert said in (await ada.say(f"/orders {typed}")).text


async def test_customers_have_their_own_orders_under_the_same_name(mia: Phone) -> None:
    assert (await mia.say("/orders")).text.startswith("Your orders")


async def test_orders_in_doubt_wait_in_a_list_with_the_ways_out(ada: Phone, shop: Shop) -> None:
    assert "There are none." in (await ada.say("/unknown")).text
    shop.north.adds = ["drop"] * 6
    for number in range(6):
        await shop.buy(100, f"{LINK}{number}")
        await shop.submit()
        shop.wait(minutes=10)
    shown = await ada.say("/unknown")
    assert "#1 · for 1 hr · north · 100 for $1.00 · instagram.com/p/abc0" in shown.text
    assert shown.rows[0] == ["📖 #1", "It is there", "It is not"]
    assert len(shown.rows) == 6
    await ada.tap("Page 2 ›", shown)
    assert shown.rows[0] == ["📖 #6", "It is there", "It is not"]
    await ada.tap("It is not", shown)
    await ada.tap("Give the money back")
    assert (await shop.order(6)).status == "rejected"
    await ada.press("ou:1", ada.last)
    assert "There are none." in ada.last.text
    await ada.tap("📖 #1", await ada.say("/unknown"))
    assert ada.last.text.startswith("📖 Order #1 · Being verified")


async def test_orders_that_wait_for_a_count_are_listed_with_why(ada: Phone, reader: Phone, shop: Shop) -> None:
    assert "There are none." in (await ada.say("/review")).text
    await shop.placed()
    shop.north.rows["1"] = row("Partial", None)
    for _ in range(3):
        await shop.poll(hours=1)
    shown = await ada.say("/review")
    assert "#1 · for" in shown.text
    assert "how many are left cannot be read" in shown.text
    assert shown.rows == [["📖 #1", "🔄 Ask", "🔢 Count"]]
    assert (await reader.say("/review")).rows == [["📖 #1"]]
    await ada.tap("🔢 Count", shown)
    await ada.say("600")
    assert await shop.balance() == "19.00"
    await ada.press("ov:0", shown)
    assert "There are none." in shown.text


async def test_what_is_at_a_provider_that_is_gone_waits_for_a_count_as_well(ada: Phone, shop: Shop) -> None:
    await shop.placed()
    async with shop.db.write() as session:
        await session.run(update(Order).values(provider="west"))
    shown = await ada.say("/review")
    assert "Its provider is not in the settings." in shown.text
    assert shown.rows == [["📖 #1", "🔢 Count"]]
    await ada.tap("📖 #1", shown)
    assert "nobody asks about it" in ada.last.text
    await ada.tap("Enter the delivered count")
    assert "settled with 400 delivered" in (await ada.say("400")).text
    assert await shop.balance() == "21.00"
