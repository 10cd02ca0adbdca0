"""What people paste for a link, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import links
from services.errors import BadLink

ANY = ""
POST = "https://www.instagram.com/p/abc"


@pytest.mark.parametrize(
    ("pasted", "platform", "link"),
    [
        (POST, "Instagram", POST),
        (f"  {POST}\n", "Instagram", POST),
        (f"\u200e{POST}\u200f", "Instagram", POST),
        ("instagram.com/p/abc", "Instagram", "https://instagram.com/p/abc"),
        ("//instagram.com/p/abc", "Instagram", "https://instagram.com/p/abc"),
        ("HTTP://WWW.Instagram.COM:443/p/AbC", "", "http://www.instagram.com:443/p/AbC"),
        ("http://www.instagram.com:80/p/AbC", "Instagram", "https://www.instagram.com/p/AbC"),
        ("https://instagram.com./p/abc", "Instagram", "https://instagram.com/p/abc"),
        ("https://ｉnstagram.com/p/abc", "Instagram", "https://instagram.com/p/abc"),
        (f"{POST}/?igsh=xyz&utm_source=qr&UTM_Medium=x&a=1", "Instagram", f"{POST}/?igsh=xyz&a=1"),
        (f"{POST}?utm_source=qr", "Instagram", POST),
        (f"{POST}#comments", "Instagram", f"{POST}#comments"),
        (f"Look at this! {POST}, great", "Instagram", POST),
        ("@nat.geo_1", "Instagram", "https://www.instagram.com/nat.geo_1/"),
        ("@user", "TikTok", "https://www.tiktok.com/@user"),
        ("@user", "YouTube", "https://www.youtube.com/@user"),
        ("@channel", "Telegram", "https://t.me/channel"),
        ("@user", "X", "https://x.com/user"),
        ("@page", "Facebook", "https://www.facebook.com/page"),
        ("@streamer", "Twitch", "https://www.twitch.tv/streamer"),
        ("https://vm.tiktok.com/ZM123", "TikTok", "https://vm.tiktok.com/ZM123"),
        ("https://www.tiktok.com/@user/video/1", "TikTok", "https://www.tiktok.com/@user/video/1"),
        ("youtu.be/abc?t=5", "YouTube", "https://youtu.be/abc?t=5"),
        ("https://twitter.com/a/status/1", "X", "https://twitter.com/a/status/1"),
        ("t.me/+abc", "Telegram", "https://t.me/+abc"),
        ("fb.watch/abc", "Facebook", "https://fb.watch/abc"),
        ("open.spotify.com/track/1", "Spotify", "https://open.spotify.com/track/1"),
        ("example.com", ANY, "https://example.com"),
        ("example.com:8080/x", ANY, "https://example.com:8080/x"),
        ("http://example.com/x", ANY, "http://example.com/x"),
        ("https://bücher.example/ü", ANY, "https://xn--bcher-kva.example/ü"),
        ('https://example.com/a"b<c>', ANY, "https://example.com/a%22b%3Cc%3E"),
    ],
)
def test_what_people_paste_becomes_a_whole_link(pasted: str, platform: str, link: str) -> None:
    assert links.normalise(pasted, platform) == link


@pytest.mark.parametrize(
    ("pasted", "platform", "reason"),
    [
        ("", ANY, "empty"),
        (" \u200b ", ANY, "empty"),
        (f"https://example.com/{'a' * 500}", ANY, "long"),
        (f"https://example.com/{'<' * 400}", ANY, "long"),
        ("javascript:alert(1)", ANY, "scheme"),
        ("ftp://example.com/x", ANY, "scheme"),
        ("tg://resolve?domain=x", "Telegram", "scheme"),
        ("mailto:a@example.com", ANY, "scheme"),
        ("http://localhost/x", ANY, "private"),
        ("localhost:8000", ANY, "private"),
        ("localhost", "Instagram", "private"),
        ("http://shop.localhost/x", ANY, "private"),
        ("http://printer.local", ANY, "private"),
        ("http://intranet/x", ANY, "private"),
        ("word", ANY, "private"),
        ("http://127.0.0.1/x", ANY, "private"),
        ("http://127.1/x", ANY, "private"),
        ("2130706433", ANY, "private"),
        ("http://0x7f000001/", ANY, "private"),
        ("http://0x7f.0.0.0x1/", ANY, "private"),
        ("http://0177.0.0.01/", ANY, "private"),
        ("http://127.0.0.1./", ANY, "private"),
        ("http://１２７.0.0.1/", ANY, "private"),
        ("http://127。0。0。1/", ANY, "private"),
        ("http://8.8.8.8/", "Instagram", "private"),
        ("http://[::1]/x", ANY, "private"),
        ("http://[::ffff:127.0.0.1]/x", ANY, "private"),
        ("https://user:password@instagram.com/p/abc", "Instagram", "host"),
        ("https://instagram.com@evil.example/p", "Instagram", "host"),
        ("https://instagram.com\\@evil.example/p", "Instagram", "host"),
        (f"{POST}\r\nX: y", "Instagram", "host"),
        (f"{POST}\u202egpj", "Instagram", "host"),
        (f"{POST}\x00", "Instagram", "host"),
        ("two words", ANY, "host"),
        (f"{POST} {POST}", "Instagram", "host"),
        ("https:///p/abc", ANY, "host"),
        ("https://[/x", ANY, "host"),
        ("https://exa℀mple.com/", ANY, "host"),
        ("https://a..com/x", ANY, "host"),
        ("https://-a.com/x", ANY, "host"),
        ("https://exam%70le.com/x", ANY, "host"),
        ("https://example.c/x", ANY, "host"),
        ("https://example.com:0/x", ANY, "host"),
        ("https://example.com:99999/x", ANY, "host"),
        ("https://example.com:port/x", ANY, "host"),
        ("@user", ANY, "host"),
        ("@user", "Spotify", "host"),
        ("natgeo", "Instagram", "platform"),
        ("https://www.tiktok.com/@user", "Instagram", "platform"),
        ("https://instagram.com.evil.example/p/abc", "Instagram", "platform"),
        ("https://evilinstagram.com/p/abc", "Instagram", "platform"),
        ("https://evil.example/instagram.com/p/abc", "Instagram", "platform"),
        ("https://instagram.com:8443/p/abc", "Instagram", "platform"),
        ("https://www.instagram.com/", "Instagram", "platform"),
    ],
)
def test_what_is_no_link_is_refused_for_its_reason(pasted: str, platform: str, reason: str) -> None:
    with pytest.raises(BadLink) as refused:
        links.normalise(pasted, platform)
    example = refused.value.params["example"]
    assert isinstance(example, str)
    assert refused.value.params == {"reason": reason, "platform": platform, "example": example}
    assert links.normalise(example, platform) == example


@given(
    st.text(max_size=60) | st.from_regex(r"https?://[ -~\u0100-\u0400]{0,60}"), st.sampled_from(["", *links.PLATFORMS])
)
def test_any_text_gives_a_link_or_its_own_refusal(pasted: str, platform: str) -> None:
    try:
        link = links.normalise(pasted, platform)
    except BadLink:
        return
    assert link.startswith(("https://", "http://"))
    assert len(link) <= links.LONGEST
    assert links.normalise(link, platform) == link, "a link is its own normal form"


@pytest.mark.parametrize(
    ("category", "platform"),
    [
        ("Instagram Likes", "Instagram"),
        ("🔥 INSTAGRAM | Real", "Instagram"),
        ("IG Reels", "Instagram"),
        ("Tik Tok Views", "TikTok"),
        ("TikTok Likes", "TikTok"),
        ("YouTube Views", "YouTube"),
        ("Telegram Post Views", "Telegram"),
        ("X Followers", "X"),
        ("Twitter / X Likes", "X"),
        ("Facebook Page Likes", "Facebook"),
        ("Spotify Plays", "Spotify"),
        ("Twitch Live Viewers", "Twitch"),
        ("Facebook & Instagram Views", ""),
        ("Website Traffic", ""),
        ("Xbox Live", ""),
        ("Max 10x faster", ""),
        ("Bigger Likes", ""),
        ("", ""),
    ],
)
def test_a_category_is_about_the_platform_that_it_alone_names(category: str, platform: str) -> None:
    assert links.platform_of(category) == platform
