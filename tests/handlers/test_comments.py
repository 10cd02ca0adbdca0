"""Custom comments in the chat: typed or as a file, counted, kept, and explained where they do not do."""

from collections.abc import Awaitable, Callable

import pytest

from tests.handlers.phone import Phone, Shown
from tests.scripted_panel import row
from tests.shop import Shop, offered

LINK = "https://www.instagram.com/p/abc"
THREE = "Great photo!\n\n  Love it <3 \nWhere is this?\n"
Deliver = Callable[[], Awaitable[None]]


@pytest.fixture(autouse=True)
async def comments(shop: Shop) -> None:
    """Comments for $10.00 per 1,000 on two servers, and a package of them."""
    kind = {"type": "Custom Comments", "min": 2, "max": 5}
    package = {"type": "Custom Comments Package", "min": 1, "max": 1}
    await shop.stock(
        "north",
        offered("70", "Instagram Comments", "A", "8.00", **kind),
        offered("71", "Instagram Comments", "P", "2.40", **package),
    )
    await shop.stock("south", offered("70", "Instagram Comments", "B", "8.00", **(kind | {"min": 1})))


async def to_question(mia: Phone, server: str = "Server A") -> Shown:
    await mia.say("/new")
    await mia.tap("Instagram Comments")
    await mia.tap(server)
    await mia.tap("🛒 Order")
    return await mia.say(LINK)


async def test_comments_are_asked_for_after_the_link_and_counted(mia: Phone, shop: Shop, deliver: Deliver) -> None:
    question = await to_question(mia)
    assert "💬 Send the comments, one per line: 2 to 5 of them." in question.text
    assert question.labels == ["‹ Back", "Cancel"]
    quote = await mia.say(THREE)
    for fact in ("Quantity: 3", "✍️ 3 comments: “Great photo!”", "Price: $0.03"):
        assert fact in quote.text.splitlines()
    await mia.tap("Confirm")
    await deliver()
    assert "0 of 3 delivered" in quote.text
    await shop.submit()
    assert shop.north.accepted[0]["comments"] == "Great photo!\nLove it <3\nWhere is this?"
    await mia.say("/orders")
    await mia.tap("⏳ #1")
    assert "✍️ 3 comments: “Great photo!”" in mia.last.text


@pytest.mark.parametrize(
    ("content", "name", "mime_type"),
    [
        (THREE.encode(), "comments.txt", "text/plain"),
        (THREE.encode("utf-8-sig"), "COMMENTS.TXT", None),
        (THREE.encode("utf-16"), "list", "text/plain"),
        (THREE.replace("\n", "\r\n").encode(), "comments.txt", "application/octet-stream"),
    ],
)
async def test_a_text_file_is_as_good(mia: Phone, content: bytes, name: str, mime_type: str | None) -> None:
    await to_question(mia)
    assert "Quantity: 3" in (await mia.send(content, name, mime_type)).text


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"x" * 65_537, "big.txt", "That is too much: 64 KB are the most."),
        (b"%PDF-1.7", "comments.pdf", "That file is no text file. Please send one whose name ends in .txt."),
        (b"caf\xe9\nna\xefve", "old.txt", "I cannot read the letters in that file. Please save it as UTF-8"),
        (b"", "empty.txt", "I see nothing in that."),
        (b"one", "one.txt", "That makes 1, and 2 is the least here."),
    ],
)
async def test_a_file_that_does_not_do_is_explained_and_asked_for_again(
    mia: Phone, content: bytes, name: str, said: str
) -> None:
    await to_question(mia)
    answer = await mia.send(content, name, None)
    assert answer.text.startswith(said)
    assert "Send the comments, one per line" in answer.text
    assert "Quantity: 3" in (await mia.say(THREE)).text, "the question still stands"


async def test_a_file_that_telegram_lost_is_asked_for_again(mia: Phone) -> None:
    await to_question(mia)
    answer = await mia.send(THREE.encode(), lost=True)
    assert answer.text.startswith("That file could not be fetched. Please send it again.")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("only one", "That makes 1, and 2 is the least here. Please send at least so many, one per line."),
        ("1\n2\n3\n4\n5\n6", "That makes 6, and 5 is the most here."),
        ("fine\n" + "x" * 1001, "Line 2 is too long: 1,000 characters are the most."),
        (None, "Please send the answer as text."),
    ],
)
async def test_wrong_comments_say_what_to_do(mia: Phone, typed: str | None, said: str) -> None:
    await to_question(mia)
    answer = await mia.say(typed)
    assert answer.text.startswith(said)
    assert "instagram.com/p/abc" in answer.text, "the link is kept"


async def test_back_keeps_the_comments_and_the_link(mia: Phone) -> None:
    await to_question(mia)
    quote = await mia.say(THREE)
    await mia.tap("‹ Back")
    assert "Send the comments" in quote.text
    assert quote.labels == ["Keep: 3 comments", "‹ Back", "Cancel"]
    await mia.tap("‹ Back")
    assert "You gave this link before" in quote.text
    await mia.tap("Keep this link")
    await mia.tap("Keep: 3 comments")
    assert "Quantity: 3" in quote.text
    await mia.tap("‹ Back")
    assert "Quantity: 2" in (await mia.say("one\ntwo")).text


async def test_at_the_quote_neither_words_nor_numbers_change_the_order(mia: Phone) -> None:
    await to_question(mia)
    await mia.say(THREE)
    again = await mia.say("5")
    assert again.text.startswith("Sorry, I did not understand that.\nYour order is as it was:")
    assert "Quantity: 3" in again.text


async def test_a_package_of_comments_has_no_limits_of_its_own(mia: Phone, shop: Shop) -> None:
    question = await to_question(mia, "Server P")
    assert "💬 Send the comments, one per line. A long list" in question.text
    quote = await mia.say("just one")
    assert "Quantity: 1 package" in quote.text
    assert "✍️ 1 comment: “just one”" in quote.text
    await mia.tap("Confirm")
    assert await shop.balance() == "22.00"


async def test_the_rest_takes_the_last_comments_along(mia: Phone, shop: Shop, deliver: Deliver) -> None:
    await to_question(mia)
    await mia.say(THREE)
    await mia.tap("Confirm")
    await shop.submit()
    shop.north.rows["1"] = row("Partial", "1")
    await shop.poll()
    await deliver()
    assert mia.saying("stopped early\n").labels[0] == "Order the remaining 1 · Server B · $0.01"
    await mia.tap("Order the remaining 1")
    shop.wait(seconds=11)
    await shop.submit()
    assert shop.panels["south"].accepted[0]["comments"] == "Where is this?"


async def test_order_again_brings_the_same_comments(mia: Phone, shop: Shop, deliver: Deliver) -> None:
    await to_question(mia)
    await mia.say(THREE)
    await mia.tap("Confirm")
    await shop.submit()
    shop.north.rows["1"] = row("Completed", "0")
    await shop.poll()
    await deliver()
    await mia.tap("🔁 Order again", mia.saying("is complete"))
    assert "✍️ 3 comments: “Great photo!”" in mia.last.text
    await mia.tap("Confirm")
    await shop.submit()
    assert shop.north.accepted[1]["comments"] == shop.north.accepted[0]["comments"]
