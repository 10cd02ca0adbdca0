"""The simulator reads Telegram's HTML as strictly as Telegram and shows it safely."""

import pytest

from bot.sandbox.telegram.call import Refused
from bot.sandbox.telegram.entities import Text, detect, parse_html, tidy, utf16_length
from bot.sandbox.telegram.links import checked_link
from bot.sandbox.telegram.safe_html import safe_html


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("🏟 🏟&lt;<abacaba", "Unclosed start tag at byte offset 13"),
        ("🏟 🏟&lt;<abac aba>", 'Unsupported start tag "abac" at byte offset 13'),
        ("2 < 3", 'Unsupported start tag "" at byte offset 2'),
        ("<br>", 'Unsupported start tag "br" at byte offset 0'),
        ("🏟 🏟&lt;<i   =aba>", 'Empty attribute name in the tag "i" at byte offset 13'),
        ("🏟 🏟&lt;<i    aba>", 'Can\'t find end tag corresponding to start tag "i"'),
        ("🏟 🏟&lt;<i    aba  =  ", 'Unclosed start tag "i" at byte offset 13'),
        ("🏟 🏟&lt;<i    aba  =  190azAz-.,", "Unexpected end of name token at byte offset 27"),
        ('🏟 🏟&lt;<i    aba  =  "&lt;&gt;&quot;>', "Unclosed start tag at byte offset 13"),
        ("🏟 🏟&lt;</", "Unexpected end tag at byte offset 13"),
        ("🏟 🏟&lt;<b></b></", "Unexpected end tag at byte offset 20"),
        ("🏟 🏟&lt;<i>a</i   ", "Unclosed end tag at byte offset 17"),
        (
            "🏟 🏟&lt;<i>a</em   >",
            'Unmatched end tag at byte offset 17, expected "</i>", found "</em>"',
        ),
        ("<b>unclosed", 'Can\'t find end tag corresponding to start tag "b"'),
        ('<span class="x">a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<tg-emoji emoji-id="x">a</tg-emoji>', "Invalid custom emoji identifier specified"),
        (
            "&#xDFDF;",
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units",
        ),
    ],
)
def test_bad_markup_is_refused_in_the_words_of_the_real_parser(source: str, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_html(source)
    assert refusal.value.code == 400
    assert refusal.value.description == f"Bad Request: can't parse entities: {reason}"


@pytest.mark.parametrize(
    ("source", "plain", "entities"),
    [
        ("➡️ ➡️<i>➡️ ➡️</i><b>➡️ ➡️</b>", "➡️ ➡️➡️ ➡️➡️ ➡️", [("italic", 5, 5), ("bold", 10, 5)]),
        ("🏟 🏟<i>🏟 &gt;<b aba   =   caba>&lt🏟</b></i>", "🏟 🏟🏟 ><🏟", [("italic", 5, 7), ("bold", 9, 3)]),
        (
            "&ge;&lt;&gt;&amp;&quot;&laquo;&raquo;&#12345678;",
            '&ge;<>&"&laquo;&raquo;&#12345678;',
            [],
        ),
        ("a&#8364;&#x20AC;", "a€€", []),
        ("🏟 🏟&lt;<i>🏟 🏟&lt;</>", "🏟 🏟<🏟 🏟<", [("italic", 6, 6)]),
        ("<STRONG>a</strong><ins>b</ins>", "ab", [("bold", 0, 1), ("underline", 1, 1)]),
        ('<span class="tg-spoiler">x</span><tg-spoiler>y</tg-spoiler>', "xy", [("spoiler", 0, 1), ("spoiler", 1, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
        ("🏟<b></b>", "🏟", []),
        ("<a>not a link at all</a>", "not a link at all", []),
    ],
)  # fmt: skip
def test_good_markup_becomes_text_and_entities_counted_in_utf16_units(
    source: str, plain: str, entities: list[tuple[str, int, int]]
) -> None:
    text = parse_html(source)
    assert text.plain == plain
    assert [(e["type"], e["offset"], e["length"]) for e in text.entities] == entities


def test_links_and_languages_travel_with_their_entities() -> None:
    text = parse_html('<a href="telegram.org?&lt;">x</a><pre><code class="language-python">y</code></pre>')
    assert text.entities == [
        {"type": "text_link", "offset": 0, "length": 1, "url": "http://telegram.org/?<"},
        {"type": "pre", "offset": 1, "length": 1, "language": "python"},
    ]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://localhost:8080/x", "Wrong HTTP URL"),
        ("not-a-url", "Wrong HTTP URL"),
        ("ftp://example.com", "Unsupported URL protocol"),
        ("javascript://example.com", "Unsupported URL protocol"),
        ("", "URL host is empty"),
        ("http://a.b:port", "Wrong HTTP URL"),
    ],
)
def test_a_link_that_telegram_would_refuse_is_refused(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        checked_link(url)


def test_blanks_around_a_text_are_cut_and_its_entities_move_along() -> None:
    text = tidy(parse_html("\n  <b>hi</b> there  \n"))
    assert text == Text("hi there", [{"type": "bold", "offset": 0, "length": 2}])
    kept = tidy(Text("  hi  ", [{"type": "bold", "offset": 0, "length": 6}]))
    assert kept == Text("  hi", [{"type": "bold", "offset": 0, "length": 4}])
    assert tidy(Text("\ta\r\nb\tc\t")).plain == "a\nb c"
    assert tidy(parse_html("🏟\r<i>x</i>")).entities == [{"type": "italic", "offset": 2, "length": 1}]


def test_right_to_left_text_keeps_its_isolates_and_loses_only_the_old_overrides() -> None:
    arabic = "طلب \u2068#12\u2069 اكتمل \u200f✓"
    assert tidy(Text(arabic)).plain == arabic
    assert tidy(Text("a\u202eb\u2028c")).plain == "abc"


def test_commands_links_mentions_and_addresses_are_found_outside_code() -> None:
    text = detect(parse_html("🏟 /order_7@shop_bot https://a.b/c. @someone x@y.zz <code>/not</code> a/b"))
    units = text.plain.encode("utf-16-le")
    found = {
        e["type"]: units[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le") for e in text.entities
    }
    assert found == {
        "bot_command": "/order_7@shop_bot",
        "url": "https://a.b/c",
        "mention": "@someone",
        "email": "x@y.zz",
        "code": "/not",
    }


def test_an_emoji_counts_as_two() -> None:
    assert utf16_length("a🏟é") == 4


def test_the_page_gets_html_that_cannot_run_anything() -> None:
    text = detect(parse_html('&lt;script&gt;"1&amp;2" <b>a<i>b</i></b> <a href="https://a.b/?x=1&amp;y=2">c</a>'))
    assert safe_html(text) == (
        "&lt;script&gt;&quot;1&amp;2&quot; <b>a<i>b</i></b> "
        '<a href="https://a.b/?x=1&amp;y=2" target="_blank" rel="noopener noreferrer">c</a>'
    )
    hostile = Text("x", [{"type": "text_link", "offset": 0, "length": 1, "url": "javascript:alert(1)"}])
    assert safe_html(hostile) == "x"
    quoting = Text("x", [{"type": "text_link", "offset": 0, "length": 1, "url": 'https://a.b/"onclick="y'}])
    assert "&quot;onclick=&quot;" in safe_html(quoting)


def test_overlapping_entities_become_tags_that_nest() -> None:
    text = Text("abcdef", [{"type": "bold", "offset": 0, "length": 4}, {"type": "italic", "offset": 2, "length": 4}])
    assert safe_html(text) == "<b>ab<i>cd</i></b><i>ef</i>"
    emoji = Text("🏟🏟", [{"type": "spoiler", "offset": 2, "length": 2}])
    assert safe_html(emoji) == "🏟<tg-spoiler>🏟</tg-spoiler>"
