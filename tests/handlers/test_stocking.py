"""The catalogue by hand, from a phone: found, looked at, changed, taken back, and written down."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest
from aiogram import Bot, Dispatcher

from bot.settings import Settings
from services import stock
from services.roles import Role
from tests.handlers import staff as crew
from tests.handlers.conftest import TOKEN
from tests.handlers.phone import Line, Phone, Shown
from tests.shop import ADMIN, Shop, offered

TERMS = {"url": "https://panel.example.org/api/v2", "key": "k" * 20, "markup_percent": "25"}
Deliver = Callable[[], Awaitable[None]]


@pytest.fixture
def settings() -> Settings:
    """A shop with both panels in its settings."""
    panels = {"north": TERMS, "south": TERMS}
    return Settings(_env_file=None, bot_token=TOKEN, admin_ids=frozenset({ADMIN}), providers=panels)


async def card(ada: Phone, number: int = 1) -> Shown:
    return await ada.say(f"/service {number}")


async def log(ada: Phone, of: str = "") -> list[str]:
    """What the log says, without when and who."""
    text = (await ada.say(f"/log {of}")).text
    return [line.partition("Ada: ")[2] for line in text.splitlines() if "Ada: " in line]


async def shelf(mia: Phone) -> list[str]:
    """The buttons of Instagram Likes as a customer has them."""
    await mia.say("/new")
    await mia.tap("Instagram Likes")
    return [label.partition(" · ⚠")[0] for label in mia.last.labels if label.startswith("Server")]


async def test_the_card_of_a_service_says_what_we_take_what_it_costs_and_how_it_fares(ada: Phone) -> None:
    shown = await card(ada)
    assert shown.text.splitlines()[:9] == [
        "#1 · Instagram Likes · Server A",
        "Instagram Likes · Real",
        "🟢 On sale",
        "",
        "Our price: $10.00 per 1,000",
        "Cost: $8.00 · margin $2.00 (20 %)",
        "Panel: north, its service 1, Default",
        "Quantity: 50 to 100,000",
        "♻️ Refill: yes · ✋ Cancel: yes · 💧 Drip-feed: no",
    ]
    assert "🔧 This week: 0 ended" in shown.text
    assert "Set by hand" not in shown.text


async def test_a_service_is_hidden_and_shown_with_a_tap_and_both_are_in_the_log(ada: Phone, mia: Phone) -> None:
    await card(ada)
    await ada.tap("🙈 Hide")
    assert ada.last.text.startswith("✅ Hidden: 1 off sale.\n\n#1 ")
    assert "• Hidden, until it is shown again" in ada.last.text
    assert await shelf(mia) == [
        "Server B · $10.00/1K · Real",
        "Server C · $2.50/1K · Real",
        "Server D · $11.25/1K · Real",
    ]
    await ada.tap("👁 Show")
    assert "🟢 On sale" in ada.last.text
    assert len(await shelf(mia)) == 4
    assert await log(ada, "service 1") == ["service 1: shown", "service 1: hidden"]


async def test_a_price_is_set_by_command_shown_to_customers_and_taken_back_with_a_tap(ada: Phone, mia: Phone) -> None:
    said = await ada.say("/price #1 12.50")
    assert said.text.startswith("✅ Price: $10.00 → $12.50\n")
    assert "Cost: $8.00 · margin $4.50 (36 %)" in said.text
    assert (await shelf(mia))[0] == "Server A · $12.50/1K · Real"
    await ada.tap("↩️ Price by the markup")
    assert ada.last.text.startswith("✅ Price: $12.50 → $10.00")
    assert "↩️ Price by the markup" not in ada.last.labels
    assert (await ada.say("/price 1 auto")).text.startswith("✅ Price: $10.00 → $10.00")
    assert (await log(ada))[1:] == ["service 1: price $12.50 → $10.00", "service 1: price $10.00 → $12.50"]


async def test_a_message_handed_in_twice_prices_once(ada: Phone) -> None:
    await ada.say("/price 1 12.50", message_id=77)
    await ada.say("/price 1 13.00", message_id=78)
    assert "Our price: $13.00" in (await ada.say("/price 1 12.50", message_id=77)).text
    assert len(await log(ada)) == 2


async def test_a_tap_handed_in_twice_moves_once(ada: Phone, mia: Phone) -> None:
    shown = await card(ada)
    tap = ada.tapping(shown.data("⬇️ Down"), shown)
    await ada._feed(tap)
    assert ada.last.text.startswith("✅ Moved down: place 1 → 2.")
    await ada._feed(tap)
    assert [label[:8] for label in await shelf(mia)] == ["Server B", "Server A", "Server C", "Server D"]
    await ada.tap("↩️ Its usual place")
    assert "Its place is the usual one again." in ada.last.text
    await ada.say("/service 5")
    await ada.tap("⬇️ Down")
    assert ada.last.text.startswith("There is nothing to change places with on that side.")
    assert await log(ada) == ["service 1: its usual place", "service 1: place 1 → 2"]


async def test_a_name_is_asked_for_and_kept_and_what_cannot_be_one_is_asked_for_again(ada: Phone, mia: Phone) -> None:
    await card(ada)
    await ada.tap("✏️ Name")
    assert "Now: Instagram Likes | Real" in ada.last.text
    assert "at most 120 fit" in (await ada.say("x" * 121)).text
    assert "Please send it as text." in (await ada.say(None)).text
    said = await ada.say("  Sweet\n <hearts> ")
    assert said.text.startswith("✅ Name: Instagram Likes | Real → Sweet <hearts>\n")
    assert "• Name. The panel’s: Instagram Likes · Real" in said.text
    assert (await shelf(mia))[0] == "Server A · $10.00/1K · Sweet <hearts>"
    assert (await ada.say("another")).text.startswith("Sorry, I did not understand that.")
    await ada.tap("↩️ The panel’s name")
    assert (await shelf(mia))[0] == "Server A · $10.00/1K · Real"


async def test_a_description_is_set_or_taken_away_altogether(ada: Phone) -> None:
    await card(ada)
    await ada.tap("📝 Description")
    assert "Now: —" in ada.last.text
    assert "at most 600 fit" in (await ada.say("x" * 601)).text
    said = await ada.say("Two lines\nof it")
    assert said.text.startswith("✅ The description is another one now.")
    await ada.tap("👤 As a customer sees it")
    assert "\nTwo lines\nof it\n" in ada.last.text
    await ada.tap("‹ Back")
    await ada.tap("📝 Description")
    await ada.say("-")
    await ada.tap("👤 As a customer sees it")
    assert "Two lines" not in ada.last.text
    await ada.tap("‹ Back")
    await ada.tap("↩️ The panel’s description")
    assert "Set by hand" not in ada.last.text
    assert (await log(ada))[-1] == "service 1: description “” → “Two lines of it”"


async def test_a_price_is_asked_for_and_one_that_loses_money_is_refused_and_asked_for_again(ada: Phone) -> None:
    await card(ada)
    await ada.tap("💵 Price")
    assert "Now: $10.00" in ada.last.text
    assert "“cheap” is not an amount" in (await ada.say("cheap")).text
    assert "it would lose money: the panel asks $8.00" in (await ada.say("7.99")).text
    assert (await ada.say("8.00")).text.startswith("✅ Price: $10.00 → $8.00")
    await ada.tap("💵 Price")
    assert (await ada.say("AUTO")).text.startswith("✅ Price: $8.00 → $10.00")


async def test_a_question_is_left_by_a_button_or_by_any_command(ada: Phone) -> None:
    for leave in ("‹ Back", "/service 1", "/services"):
        await card(ada)
        await ada.tap("✏️ Name")
        await (ada.tap(leave) if leave == "‹ Back" else ada.say(leave))
        assert (await ada.say("Not a name")).text.startswith("Sorry, I did not understand that.")
    await card(ada)
    await ada.tap("✏️ Name")
    assert (await ada.say("/cancel")).text.startswith("Left as it was")
    assert "Not a name" not in (await card(ada)).text


async def test_a_preview_is_what_customers_read_word_for_word(ada: Phone, mia: Phone) -> None:
    await mia.say("/start s_1")
    theirs = mia.last.text
    await card(ada)
    await ada.tap("👤 As a customer sees it")
    assert ada.last.text.endswith(theirs)
    assert "In the list: [ Server A · $10.00/1K · Real ]" in ada.last.text
    assert ada.last.labels == ["‹ Back"]
    assert "north" not in ada.last.text
    await ada.tap("‹ Back")
    await ada.tap("🙈 Hide")
    await ada.tap("👤 As a customer sees it")
    assert ada.last.text.startswith("👤 As a customer sees it, once it is on sale")


async def test_services_are_found_by_words_and_hidden_ones_are_marked(ada: Phone, shop: Shop) -> None:
    await shop.stock("north", *(offered(f"t{place}", "Twitch Follows", "A", "1.00") for place in range(10)))
    await card(ada)
    await ada.tap("🙈 Hide")
    said = await ada.say("/services likes: NORTH")
    assert said.text == "“likes NORTH”: 2 services, 0 categories"
    assert said.labels == ["🙈 #1 A · $10.00/1K · Instagram Likes · Real", "#2 C · $2.50/1K · Instagram Likes · Real"]
    said = await ada.say("/services twitch")
    assert said.text == "“twitch”: 10 services, 1 categories"
    assert said.labels[0] == "Twitch Follows · 10 of 10"
    assert len(said.labels) == 10
    await ada.tap("Page 2 ›")
    assert [label[:2] for label in ada.last.labels] == ["#1", "#1", "‹ "]
    assert (await ada.say("/services nothing such")).text == "“nothing such”: 0 services, 0 categories"
    assert "fewer or shorter words" in (await ada.say("/services " + "ы" * 21)).text


async def test_a_category_is_hidden_renamed_and_moved_from_its_card(ada: Phone, mia: Phone) -> None:
    await ada.say("/services")
    assert ada.last.labels == ["Instagram Likes · 4 of 4", "TikTok Views · 1 of 1"]
    await ada.tap("TikTok Views")
    await ada.tap("⬆️ Up")
    assert ada.last.text.startswith("✅ Moved up: place 2 → 1.")
    await ada.tap("✏️ Name")
    assert "Another category is called “instagram LIKES”" in (await ada.say("instagram LIKES")).text
    assert (await ada.say("Clips seen")).text.startswith("✅ Name: TikTok Views → Clips seen")
    assert "The panels call it “TikTok Views”" in ada.last.text
    assert [label.partition(" ·")[0] for label in (await mia.say("/new")).labels] == [
        "Clips seen",
        "Instagram Likes",
        "🏠 Menu",
    ]
    await ada.tap("🙈 Hide")
    assert "🙈 Hidden, with all that is in it" in ada.last.text
    assert ada.last.labels[0].startswith("🚪 #3 ")
    assert "Clips seen" not in str((await mia.say("/new")).labels)
    await ada.tap("👁 Show")
    await ada.tap("↩️ The panel’s name")
    assert await log(ada, "category 2") == [
        "category 2: name “Clips seen” → “TikTok Views”",
        "category 2: shown",
        "category 2: hidden",
        "category 2: name “TikTok Views” → “Clips seen”",
        "category 2: place 2 → 1",
    ]
    assert (await ada.say("/services")).labels[0] == "TikTok Views · 1 of 1"
    await ada.tap("Instagram Likes")
    await ada.tap("‹ Back")
    assert ada.last.labels == ["TikTok Views · 1 of 1", "Instagram Likes · 4 of 4"]


async def test_who_may_only_look_sees_no_button_that_changes(
    shop: Shop, settings: Settings, dispatcher: Dispatcher, telegram: Bot, line: Line
) -> None:
    await crew.hire(shop, settings)
    reader = crew.phone(dispatcher, telegram, line, Role.READER)
    assert (await card(reader)).labels == ["👤 As a customer sees it", "‹ Back", "🔄 Refresh"]
    await reader.tap("‹ Back")
    assert reader.last.labels[-1:] == ["‹ Back"]
    assert not [label for label in reader.last.labels if "Hide" in label or "Name" in label]
    assert "📦 Its services" in (await reader.say("/provider north")).labels
    assert not [label for label in reader.last.labels if "Fetch" in label]
    assert (await reader.say("/markup")).text.startswith("What is added")
    assert "takes the role manager" in (await reader.say("/markup north 30")).text


async def test_the_margin_guards_alert_leads_to_the_service_and_the_log_names_the_guard(
    ada: Phone, shop: Shop, deliver: Deliver
) -> None:
    await ada.say("/price 1 9.00")
    async with shop.db.write() as session:
        await stock.sync(
            session,
            "north",
            [offered("1", "Instagram Likes", "A", "9.50"), offered("3", "Instagram Likes", "C", "2.00")],
            markup_percent=Decimal(25),
            exchange_rate=Decimal(1),
            policy=shop.policy,
            now=shop.now(),
        )
    await deliver()
    alert = ada.last
    assert alert.text.splitlines()[0] == "🚨 A panel asks more than our own price: hidden, so that nothing is lost"
    assert "#1: Instagram Likes | Real · A: 9.50 > 9.00" in alert.text
    await ada.tap("Service #1")
    assert ada.last is not alert
    assert "📉 Not sold: it costs more than our price" in ada.last.text
    assert "the margin guard: service 1 hidden: it costs $9.50, our price is $9.00" in (await ada.say("/log")).text
    assert (await ada.say("/price 1 11")).text.startswith("✅ Price: $9.00 → $11.00")
    assert "🟢 On sale" in ada.last.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/service", "Usage: /service <number>"),
        ("/service Mia", "“Mia” is not a number"),
        ("/service 404", "There is no service #404 here."),
        ("/service 1 2", "“2” is more than this command takes."),
        ("/price 1", "Usage: /price"),
        ("/price 1 free", "“free” is not an amount"),
        ("/price 404 1", "There is no service #404 here."),
        ("/price 1 7.00", "At $7.00 it would lose money: the panel asks $8.00 for it."),
        ("/price 1 999999999999", "more than money can be counted"),
        ("/markup west 30", "“west” is no panel in the settings. There is: north, south."),
        ("/markup north much", "“much” is not a percentage."),
        ("/markup north -5", "“-5” is not a percentage."),
        ("/markup north 100001", "from 0 to 100000"),
        ("/markup north 30 40", "“40” is more than this command takes."),
        ("/markup 404 30", "There is no service #404 here."),
        ("/sync west", "“west” is no panel in the settings."),
        ("/provider", "Usage: /provider <name>"),
        ("/provider west", "No panel is called “west”."),
    ],
)
async def test_what_was_mistyped_is_told_and_changes_nothing(ada: Phone, typed: str, said: str) -> None:
    assert said in (await ada.say(typed)).text
    assert "Our price: $10.00" in (await card(ada)).text
    assert await log(ada) == []
