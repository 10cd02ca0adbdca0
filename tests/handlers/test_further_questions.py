"""Every type that is link, quantity and texts goes through one mechanism: asked, checked, kept, sent, carried along."""

from collections.abc import Awaitable, Callable

import pytest

from tests.handlers.phone import Phone, Shown
from tests.scripted_panel import row
from tests.shop import Shop, offered

Deliver = Callable[[], Awaitable[None]]
LINKS = {
    "Instagram": "https://www.instagram.com/p/abc",
    "Telegram": "https://t.me/cats/5",
    "YouTube": "https://youtu.be/abc",
}
COUNTED = {"Comment Replies", "Mentions Custom List"}

# type, category, the answers typed, what the panel hears, what the quote says
TYPES = [
    ("Poll", "Telegram Polls", ["2"], {"answer_number": "2"}, ["🗳 Answer 2"]),
    ("Comment Likes", "Instagram Comments", ["@mia"], {"username": "mia"}, ["👤 @mia"]),
    (
        "Comment Replies",
        "Instagram Comments",
        ["@mia", "Nice\nTrue"],
        {"username": "mia", "comments": "Nice\nTrue"},
        ["👤 @mia", "✍️ 2 comments: “Nice”"],
    ),
    ("Mentions", "Instagram Mentions", ["@a @b"], {"usernames": "a\nb"}, ["✍️ 2 usernames: “a”"]),
    (
        "Mentions with Hashtags",
        "Instagram Mentions",
        ["a\nb", "#x #y"],
        {"usernames": "a\nb", "hashtags": "x\ny"},
        ["✍️ 2 usernames: “a”", "✍️ 2 hashtags: “x”"],
    ),
    ("Mentions Custom List", "Instagram Mentions", ["a\nb\nc"], {"usernames": "a\nb\nc"}, ["✍️ 3 usernames: “a”"]),
    ("Mentions Hashtag", "Instagram Mentions", ["#travel"], {"hashtag": "travel"}, ["#️⃣ #travel"]),
    ("Mentions User Followers", "Instagram Mentions", ["mia"], {"username": "mia"}, ["👤 @mia"]),
    (
        "Mentions Media Likers",
        "Instagram Mentions",
        ["instagram.com/p/x"],
        {"media": "https://instagram.com/p/x"},
        ["🖼 instagram.com/p/x"],
    ),
    (
        "Invites from Groups",
        "Telegram Members",
        ["@dogs"],
        {"groups": "https://t.me/dogs"},
        ["✍️ 1 group: “https://t.me/dogs”"],
    ),
    ("SEO", "YouTube Views", ["red shoes"], {"keywords": "red shoes"}, ["✍️ 1 search word: “red shoes”"]),
]


async def open_service(mia: Phone, shop: Shop, name: str, category: str) -> Shown:
    """Up to the first question after the link."""
    await shop.stock("north", offered("70", category, "A", "8.00", type=name, min=1, max=1000))
    await shop.stock("south", offered("70", category, "B", "8.00", type=name, min=1, max=1000))
    await mia.say("/new")
    await mia.tap(category)
    await mia.tap("Server A")
    await mia.tap("🛒 Order")
    return await mia.say(LINKS[category.split()[0]])


@pytest.mark.parametrize(("name", "category", "typed", "sent", "told"), TYPES, ids=[case[0] for case in TYPES])
async def test_the_type_is_asked_for_quoted_sent_and_carried_to_the_next_server(
    mia: Phone,
    shop: Shop,
    deliver: Deliver,
    name: str,
    category: str,
    typed: list[str],
    sent: dict[str, str],
    told: list[str],
) -> None:
    await open_service(mia, shop, name, category)
    for answer in typed:
        await mia.say(answer)
    if name not in COUNTED:
        assert "How many?" in mia.last.text
        await mia.say("100")
    quote = mia.last
    assert set(told) <= set(quote.text.splitlines()), quote.text
    await mia.tap("Confirm")
    await shop.submit()
    heard = shop.north.accepted[0]
    assert sent.items() <= heard.items()
    assert ("quantity" in heard) == (name not in COUNTED)
    quantity = (await shop.order(1)).quantity
    shop.north.rows["1"] = row("Partial", str(quantity - 1))
    await shop.poll()
    await deliver()
    await mia.tap("Order the remaining", mia.saying("stopped early\n"))
    shop.wait(seconds=11)
    await shop.submit()
    rest = shop.panels["south"].accepted[0]
    for field, text in sent.items():
        carried = "\n".join(text.splitlines()[1:]) if name in COUNTED and "\n" in text else text
        assert rest[field] == carried


@pytest.mark.parametrize(
    ("name", "category", "question"),
    [
        ("Poll", "Telegram Polls", "Which answer of the poll?"),
        ("Comment Likes", "Instagram Comments", "Who wrote the comment?"),
        ("Mentions User Followers", "Instagram Mentions", "Whose followers are it about?"),
        ("Mentions Custom List", "Instagram Mentions", "one per line: 1 to 1,000 of them."),
        ("Mentions", "Instagram Mentions", "Send the usernames to mention, one per line. A long list"),
    ],
)
async def test_each_question_says_what_it_wants(
    mia: Phone, shop: Shop, name: str, category: str, question: str
) -> None:
    assert question in (await open_service(mia, shop, name, category)).text


async def test_a_poll_answer_is_one_tap_and_is_kept(mia: Phone, shop: Shop) -> None:
    question = await open_service(mia, shop, "Poll", "Telegram Polls")
    assert question.rows == [["1", "2"], ["3", "4"], ["5", "6"], ["‹ Back", "Cancel"]]
    await mia.tap("3")
    assert "How many?" in question.text
    await mia.tap("‹ Back")
    assert question.style("3") == "primary"
    assert "How many?" in (await mia.say("12")).text
    await mia.tap("‹ Back")
    assert mia.last.labels[-3] == "Keep: 12"


async def test_back_walks_through_every_question_and_keeps_each(mia: Phone, shop: Shop) -> None:
    await open_service(mia, shop, "Mentions with Hashtags", "Instagram Mentions")
    await mia.say("a b")
    await mia.say("#x")
    quote = await mia.say("100")
    await mia.tap("‹ Back")
    assert "You chose 100 before." in quote.text
    await mia.tap("‹ Back")
    assert quote.labels[0] == "Keep: 1 hashtag"
    await mia.tap("‹ Back")
    assert quote.labels[0] == "Keep: 2 usernames"
    await mia.tap("‹ Back")
    assert "You gave this link before" in quote.text
    await mia.tap("Keep this link")
    await mia.tap("Keep: 2 usernames")
    await mia.tap("Keep: 1 hashtag")
    await mia.tap("100 · ")
    assert "✍️ 2 usernames: “a”" in quote.text


@pytest.mark.parametrize(
    ("name", "category", "typed", "said"),
    [
        (
            "Comment Likes",
            "Instagram Comments",
            "<b>mia</b> k",
            "“<b>mia</b> k” is not a username. Please send it like @name.",
        ),
        ("Mentions Hashtag", "Instagram Mentions", "two words", "“two words” is not a hashtag."),
        ("Mentions", "Instagram Mentions", "mia omar! ada", "Number 2, “omar!”, is not a username."),
        (
            "Invites from Groups",
            "Telegram Members",
            "@dogs\nhello there",
            "Line 2, “hello there”, is not a link to a group.",
        ),
        ("Mentions Media Likers", "Instagram Mentions", "https://tiktok.com/@a", "That is not a link to Instagram."),
        (
            "Poll",
            "Telegram Polls",
            "the second",
            "That is not a number I can use. Please send a whole number from 1 to 100.",
        ),
        ("SEO", "YouTube Views", None, "Please send the answer as text."),
    ],
)
async def test_a_wrong_answer_is_explained_and_asked_for_again(
    mia: Phone, shop: Shop, name: str, category: str, typed: str | None, said: str
) -> None:
    question = await open_service(mia, shop, name, category)
    answer = await mia.say(typed)
    assert answer.text.startswith(said)
    assert answer.labels == question.labels


async def test_a_file_where_a_word_is_wanted_is_not_read(mia: Phone, shop: Shop) -> None:
    await open_service(mia, shop, "Comment Likes", "Instagram Comments")
    assert (await mia.send(b"mia")).text.startswith("Please send the answer as text.")


async def test_the_card_shows_the_short_texts(mia: Phone, shop: Shop, deliver: Deliver) -> None:
    await open_service(mia, shop, "Poll", "Telegram Polls")
    await mia.tap("2")
    quote = await mia.say("100")
    await mia.tap("Confirm")
    await deliver()
    assert quote.text.splitlines()[3] == "🗳 Answer 2"
