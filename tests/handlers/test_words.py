"""/settings for those who run the shop: its own words, written with preview, read by customers, undone."""

import pytest
from aiogram.types import MessageEntity

from tests.handlers.phone import Phone


async def published(ada: Phone, name: str, text: str, bold: int = 0) -> None:
    await ada.say("/settings")
    await ada.tap(name)
    await ada.tap("✏️ Write (en)")
    await ada.say(text, entities=[MessageEntity(type="bold", offset=0, length=bold)] if bold else None)
    await ada.tap("✅ Do it")


async def test_how_the_shop_is_set_up_is_shown_without_a_secret(ada: Phone) -> None:
    said = (await ada.say("/settings")).text
    assert said.splitlines()[:4] == [
        "⚙️ Sunny & Co",
        "Currency USD; more than $100.00 by hand takes two people",
        "One-tap orders can be taken back for 10 seconds",
        "No provider is set up",
    ]
    assert "• Rules, under Help: as the shop says it by itself" in said
    await ada.tap("🌙 My own settings")
    assert ada.last.text.startswith("Settings\n")


async def test_words_are_previewed_and_stand_only_after_a_yes(ada: Phone, mia: Phone) -> None:
    await ada.say("/settings")
    await ada.tap("👋 Welcome")
    await ada.tap("✏️ Write (en)")
    assert ada.last.text.startswith("Send the words as they should look, bold and links included. Language: en.")
    await ada.say("Hello <you>!", entities=[MessageEntity(type="bold", offset=0, length=5)])
    assert ada.messages[-2].html == "<b>Hello</b> &lt;you&gt;!"
    assert ada.last.text == "Shall this stand as the welcome (en)?"
    assert "Hello <you>!" not in (await mia.say("/start")).text
    await ada.tap("✅ Do it")
    assert "<b>Hello</b> &lt;you&gt;!" in (await mia.say("/start")).html
    await ada.tap("↩️ As before")
    assert "Hello <you>!" not in (await mia.say("/start")).text
    log = (await ada.say("/log")).text
    assert "new words for welcome (en)" in log
    assert "words for welcome (en) as they were before" in log


async def test_rules_and_terms_are_read_under_help(ada: Phone, mia: Phone) -> None:
    assert (await mia.say("/help")).labels == ["💬 Contact support", "🏠 Menu"]
    await published(ada, "📜 Rules", "Be kind", bold=2)
    await published(ada, "⚖️ Terms", "No refunds to cards")
    assert (await mia.say("/help")).labels == ["💬 Contact support", "📜 Rules", "⚖️ Terms", "🏠 Menu"]
    await mia.tap("📜 Rules")
    assert mia.last.html == "<b>Be</b> kind"
    await mia.tap("‹ Back")
    await mia.tap("⚖️ Terms")
    assert mia.last.text == "No refunds to cards"
    await ada.say("/settings")
    await ada.tap("📜 Rules")
    await ada.tap("Leave it to the shop")
    assert "Nothing of your own: the shop says it by itself." in ada.last.text
    assert (await mia.say("/help")).labels == ["💬 Contact support", "⚖️ Terms", "🏠 Menu"]


async def test_the_support_contact_is_the_one_written_last(ada: Phone, mia: Phone) -> None:
    assert "@sunny_support" in (await mia.say("/help")).text
    await published(ada, "💬 Support contact", "  @sunny_help ")
    assert "Write to @sunny_help and" in (await mia.say("/help")).text
    assert "write to @sunny_help and" in (await mia.say("/wallet")).text


async def test_a_tap_that_is_handed_in_twice_takes_the_words_back_once(ada: Phone, mia: Phone) -> None:
    await published(ada, "👋 Welcome", "Hello you")
    tap = ada.tapping(ada.last.data("↩️ As before"), ada.last)
    await ada._feed(tap)
    await ada._feed(tap)
    assert "Hello you" not in (await mia.say("/start")).text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * 1001, "That has 1,001 characters; 1,000 are the most."),
        ("🎉" * 600, "That has 1,200 characters; 1,000 are the most."),
        (None, "Only text will do here."),
    ],
)
async def test_words_that_cannot_stand_are_asked_for_again(ada: Phone, text: str | None, said: str) -> None:
    await ada.say("/settings")
    await ada.tap("👋 Welcome")
    await ada.tap("✏️ Write (en)")
    assert said in (await ada.say(text)).text
    await ada.say("Hello")
    assert ada.last.text == "Shall this stand as the welcome (en)?"


async def test_a_forged_name_is_no_text_of_the_shop(ada: Phone) -> None:
    await ada.say("/settings")
    said, _ = await ada.press("sw:secrets:write:en", ada.last)
    assert said is not None
    assert said.startswith("This button is out of date")
