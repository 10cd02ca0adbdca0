"""Subscriptions in the chat: whose posts, how many on each, when, until when, how many posts; paid by the post."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.handlers.phone import Phone, Shown
from tests.scripted_panel import row
from tests.shop import Shop, offered

Deliver = Callable[[], Awaitable[None]]


@pytest.fixture(autouse=True)
async def subscriptions(shop: Shop) -> None:
    """Subscriptions for $1.00 and $1.25 per 1,000."""
    kind: dict[str, Any] = {"type": "Subscriptions", "min": 50, "max": 500}
    await shop.stock("north", offered("70", "Instagram Auto Likes", "A", "0.80", **kind))
    await shop.stock("south", offered("70", "Instagram Auto Likes", "B", "1.00", **kind))


def posts(status: str, found: int) -> dict[str, Any]:
    return {"status": status, "orders": list(range(500, 500 + found))}


async def to_question(mia: Phone) -> Shown:
    """The first question: whose posts?"""
    await mia.say("/new")
    await mia.tap("Instagram Auto Likes")
    await mia.tap("Server A")
    await mia.tap("🛒 Order")
    return mia.last


async def to_quote(mia: Phone) -> Shown:
    """100 to 150 on each of 5 posts of Mia's, half an hour after it appears, with no last day."""
    await to_question(mia)
    await mia.say("@mia")
    await mia.say("100-150")
    await mia.tap("After 30 min")
    await mia.tap("No last day")
    await mia.tap("5 posts · $0.75")
    return mia.last


async def test_the_card_says_what_the_limits_are_about(mia: Phone) -> None:
    await mia.say("/new")
    assert "Instagram Auto Likes · from $1.00/1K" in mia.last.labels
    await mia.tap("Instagram Auto Likes")
    await mia.tap("Server A")
    assert {"Price: $1.00 per 1,000", "On each new post: 50 to 500"} <= set(mia.last.text.splitlines())


async def test_the_questions_in_turn(mia: Phone, shop: Shop, deliver: Deliver) -> None:
    question = await to_question(mia)
    assert "👤 Whose new posts is it for? Send the username, like @name, or the link of the profile." in question.text
    each = await mia.say("@mia")
    assert "🔗 instagram.com/mia" in each.text
    assert "How many on each new post? Send a number from 50 to 500" in each.text
    assert each.labels[:3] == ["50", "100", "500"]
    delay = await mia.say("100-150")
    assert "How long after a post appears shall it begin?" in delay.text
    assert delay.labels[:4] == ["At once", "After 5 min", "After 10 min", "After 30 min"]
    await mia.tap("After 30 min")
    assert "Until which day?" in delay.text
    assert delay.labels[:4] == ["No last day", "May 11, 2026", "Jun 3, 2026", "Aug 2, 2026"]
    await mia.tap("Jun 3, 2026")
    assert "How many new posts? Send a number from 1 to 1,000" in delay.text
    assert delay.labels[:3] == ["1 post · $0.15", "3 posts · $0.45", "5 posts · $0.75"]
    await mia.tap("5 posts")
    for fact in (
        "🔗 instagram.com/mia",
        "Quantity: 5 posts",
        "🔔 100 to 150 on each new post",
        "⏱ 30 min after it appears",
        "📅 Until Jun 3, 2026",
        "Price: $0.75",
    ):
        assert fact in delay.text.splitlines()
    await mia.tap("Confirm")
    await shop.submit()
    assert shop.north.accepted[0]["expiry"] == "03/06/2026"
    shop.north.rows["1"] = posts("Active", 2)
    await shop.poll()
    await deliver()
    assert {"2 of 5 posts delivered", "🔔 100 to 150 on each new post", "📅 Until Jun 3, 2026"} <= set(
        delay.text.splitlines()
    )


async def test_one_number_is_for_every_post(mia: Phone) -> None:
    await to_question(mia)
    await mia.say("mia")
    await mia.tap("100")
    await mia.say("0")
    await mia.say("none")
    quote = await mia.say("3")
    for fact in ("🔔 100 on each new post", "⏱ As soon as it appears", "Price: $0.30"):
        assert fact in quote.text.splitlines()
    assert "Until" not in quote.text


@pytest.mark.parametrize(
    ("before", "typed", "said"),
    [
        ([], "https://www.instagram.com/p/abc", "That is not the link of a profile."),
        ([], "hello there", "That is not a link."),
        (["@mia"], "20", "That is not a number I can use. Please send one from 50 to 500, or two like 100-150"),
        (["@mia", "100"], "7", "That cannot be chosen. Please tap one of these, or send 0, 5, 10"),
        (["@mia", "100", "0"], "soon", "That is not a day I can read. Please send it like 31.12.2026."),
        (["@mia", "100", "0"], "4.5.2026", "That day is over, or more than a year away."),
        (["@mia", "100", "0", "none"], "1001", "That is too many: the largest order here is 1,000."),
    ],
)
async def test_wrong_answers_say_what_to_do(mia: Phone, before: list[str], typed: str, said: str) -> None:
    await to_question(mia)
    for answer in before:
        await mia.say(answer)
    asked = mia.last.text.splitlines()[-1]
    answered = await mia.say(typed)
    assert answered.text.startswith(said)
    assert answered.text.splitlines()[-1] == asked, "the question still stands"


async def test_back_keeps_every_answer(mia: Phone) -> None:
    quote = await to_quote(mia)
    await mia.tap("‹ Back")
    assert "You chose 5 posts before." in quote.text
    await mia.tap("‹ Back")
    assert quote.style("No last day") == "primary"
    await mia.tap("‹ Back")
    assert quote.style("After 30 min") == "primary"
    await mia.tap("‹ Back")
    assert "Keep: 100 to 150" in quote.labels
    await mia.tap("‹ Back")
    assert "You gave this link before: instagram.com/mia" in quote.text
    for label in ("Keep this link", "Keep: 100 to 150", "After 30 min", "No last day", "5 posts"):
        await mia.tap(label)
    assert "Price: $0.75" in quote.text


async def test_another_number_at_the_quote_changes_the_posts(mia: Phone) -> None:
    await to_quote(mia)
    assert "Price: $1.50" in (await mia.say("10")).text


async def test_posts_that_did_not_come_are_back_and_offered_elsewhere(mia: Phone, shop: Shop, deliver: Deliver) -> None:
    await to_quote(mia)
    await mia.tap("Confirm")
    await shop.submit()
    shop.north.rows["1"] = posts("Completed", 3)
    await shop.poll()
    await deliver()
    notice = mia.saying("stopped early\n")
    assert notice.text.splitlines()[3:6] == [
        "Delivered: 3 of 5 posts",
        "Back in your wallet: $0.30",
        "Balance now: $24.55",
    ]
    assert notice.labels[0] == "Order the remaining 2 posts · Server B · $0.375 ($0.075 more)"
    assert await mia.tap("Order the remaining 2 posts") == (
        "Ordered: 2 posts on Server B. You can undo it for 10 seconds.",
        False,
    )
    shop.wait(seconds=11)
    await shop.submit()
    shop.panels["south"].rows["1"] = posts("Completed", 2)
    await shop.poll()
    await deliver()
    assert "5 of 5 posts delivered: 3 on Server A, 2 on Server B" in mia.saying("is complete").text
    await mia.say("/orders")
    assert mia.last.labels[0].endswith("5 of 5 posts")


async def test_a_subscription_that_is_over_says_so_and_order_again_asks_for_another_last_day(
    mia: Phone, shop: Shop, deliver: Deliver
) -> None:
    await to_question(mia)
    await mia.say("@mia")
    for answer in ("100", "0", "7.5.2026", "5"):
        await mia.say(answer)
    await mia.tap("Confirm")
    await shop.submit()
    shop.wait(days=4)
    shop.north.rows["1"] = posts("Expired", 4)
    await shop.poll()
    await deliver()
    notice = mia.saying("stopped early\n")
    assert notice.text.splitlines()[-2:] == [
        "Its last day has passed.",
        "This one is over. Order it again for new posts.",
    ]
    assert notice.labels == ["Keep the money", "Why did this happen?"]
    await mia.tap("Why did this happen?", notice)
    assert "Posts that would have come later are not paid for." in mia.last.text
    await mia.say("/orders")
    await mia.tap("🟡 #1")
    await mia.tap("🔁 Order again")
    assert mia.last.text.startswith("That day is over")
    await mia.tap("No last day")
    assert "How many new posts?" in mia.last.text


async def test_a_plain_order_hears_nothing_of_posts(mia: Phone, shop: Shop, deliver: Deliver) -> None:
    await shop.placed(1000)
    shop.north.rows["1"] = row("Expired", "400")
    await shop.poll()
    assert (await shop.order(1)).status == "placed"
