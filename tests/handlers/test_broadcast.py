"""/broadcast in the chat: written, previewed, aimed, tried out, sent after one more yes, and stopped."""

from collections.abc import Awaitable, Callable

import pytest
from aiogram.types import MessageEntity

from services import broadcasts, outbox
from tests.handlers.phone import Phone
from tests.shop import Shop

Deliver = Callable[[], Awaitable[None]]


@pytest.fixture
def feed(shop: Shop) -> Callable[[], Awaitable[None]]:
    """What the job does every two seconds."""

    async def once() -> None:
        async with shop.db.write() as session:
            await broadcasts.feed(session, shop.now(), "en")

    return once


async def drafted(ada: Phone, text: str = "Big news") -> None:
    await ada.say("/broadcast")
    await ada.tap("✏️ New message")
    assert ada.last.text == "Send the message as it should look, bold and links included. Language: en"
    await ada.say(text, entities=[MessageEntity(type="bold", offset=0, length=3)])


async def test_it_is_written_looked_at_and_sent_after_one_more_yes(
    ada: Phone, mia: Phone, omar: Phone, deliver: Deliver, feed: Callable[[], Awaitable[None]]
) -> None:
    await omar.say("/start")
    await drafted(ada)
    draft = ada.last
    assert "Draft 1, as it will look:\n\nen\nBig news" in draft.text
    assert "<b>Big</b> news" in draft.html
    assert draft.text.endswith("It goes to 3 people.")
    await ada.tap("👁 Show it to me alone")
    assert ada.last.html == "<b>Big</b> news"
    await ada.tap("📤 Send", draft)
    assert ada.last.text == "Send “Big news” to 3 people?"
    await feed()
    await deliver()
    assert not any("Big news" in shown.text for shown in mia.messages)
    await ada.tap("✅ Do it")
    assert ada.last.text.startswith("✅ It is on its way to 3 people.")
    await feed()
    await deliver()
    assert (mia.last.html, omar.last.html) == ("<b>Big</b> news", "<b>Big</b> news")
    await feed()
    await feed()
    await deliver()
    card = ada.saying("Message 1 · done")
    assert "3 of 3 got it" in card.text
    assert card.labels == []
    log = (await ada.say("/log")).text
    assert "Ada: message 1 sent to 3 people: Big news" in log


async def test_it_goes_to_whom_it_is_aimed_at(ada: Phone, omar: Phone) -> None:
    await omar.say("/start")
    await drafted(ada)
    await ada.tap("🎯 Who gets it")
    assert ada.last.labels == ["By what they ordered", "By language", "By what they spent", "‹ Back"]
    await ada.tap("By what they ordered")
    await ada.tap("who ordered in the last 7 days")
    assert "Nobody is meant by that." in ada.last.text
    assert "• who ordered in the last 7 days" in ada.last.text
    await ada.tap("🎯 Who gets it")
    await ada.tap("By what they ordered")
    await ada.tap("who never ordered")
    await ada.tap("🎯 Who gets it")
    await ada.tap("By language")
    assert ada.last.labels == ["any language", "who speaks en", "‹ Back"]
    await ada.tap("who speaks en")
    await ada.tap("🎯 Who gets it")
    await ada.tap("By what they spent")
    await ada.tap("who spent $10.00 or more")
    assert "• who never ordered\n• who speaks en\n• who spent $10.00 or more" in ada.last.text
    await ada.tap("🎯 Who gets it")
    await ada.tap("By what they spent")
    await ada.tap("whatever they spent")
    assert "It goes to 3 people." in ada.last.text


async def test_the_text_can_be_written_again_until_it_is_sent(ada: Phone) -> None:
    await drafted(ada)
    await ada.tap("Text: en")
    await ada.say("Better news")
    assert "Better news" in ada.last.text
    assert "Big news" not in ada.last.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (None, "Only text will do here."),
        ("x" * 3501, "That has 3,501 characters; 3,500 are the most."),
        ("🎉" * 2000, "That has 4,000 characters; 3,500 are the most."),
    ],
)
async def test_what_cannot_be_sent_is_asked_for_again(ada: Phone, typed: str | None, said: str) -> None:
    await ada.say("/broadcast")
    await ada.tap("✏️ New message")
    assert said in (await ada.say(typed)).text
    await ada.say("News")
    assert "Draft 1" in ada.last.text


async def test_it_is_paused_goes_on_and_is_stopped_from_its_card(
    ada: Phone, shop: Shop, deliver: Deliver, feed: Callable[[], Awaitable[None]]
) -> None:
    await drafted(ada)
    await ada.tap("📤 Send")
    await ada.tap("✅ Do it")
    await deliver()
    card = ada.saying("Message 1 · on its way")
    assert card.labels == ["⏸ Pause", "⏹ Stop"]
    said, _ = await ada.tap("⏸ Pause", card)
    assert said == "Paused. What is on its way this very second still arrives."
    assert card.labels == ["▶️ Go on", "⏹ Stop"]
    await feed()
    async with shop.db.write() as session:
        waiting = await outbox.claim(session, owner="t", limit=9, lease=shop.policy.stuck_after, now=shop.now())
        await outbox.release(session)
    assert [one.notice.kind for one in waiting] == ["broadcast_card"]
    await ada.tap("▶️ Go on", card)
    said, _ = await ada.tap("⏹ Stop", card)
    assert said == "Stopped. What is on its way this very second still arrives."
    assert card.labels == []
    said, _ = await ada.press("bm:1:run", card)
    assert said is not None
    assert said.startswith("This message was sent, stopped or thrown away meanwhile.")
    log = (await ada.say("/log")).text
    assert all(f"message 1 {word}" in log for word in ("paused", "goes on", "stopped"))
    assert "⏹ Big news" in (await ada.say("/broadcast")).labels


async def test_a_draft_is_thrown_away(ada: Phone) -> None:
    await drafted(ada)
    await ada.tap("Throw away")
    assert ada.last.text == "Thrown away. Nobody got it."


async def test_a_forged_tap_cannot_send_a_draft_without_the_question(ada: Phone) -> None:
    await drafted(ada)
    await ada.press("bm:1:run", ada.last)
    assert ada.last.text.startswith("Send “Big news” to")


async def test_who_wants_no_more_news_gets_none_until_they_want_them_again(
    ada: Phone, mia: Phone, shop: Shop, deliver: Deliver, feed: Callable[[], Awaitable[None]]
) -> None:
    await drafted(ada)
    await ada.tap("📤 Send")
    await ada.tap("✅ Do it")
    await feed()
    await deliver()
    said, alert = await mia.tap("🔕 No more of these")
    assert (said, alert) == ("You get no such messages any more. /settings brings them back.", True)
    assert mia.last.labels == ["🏠 Menu"]
    await drafted(ada)
    assert "It goes to 2 people." in ada.last.text
    assert "you get none" in (await mia.say("/settings")).text
    await mia.tap("🔔 News again")
    assert "you get them" in mia.last.text
