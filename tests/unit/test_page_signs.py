"""What a platform's page says of a link, sign by sign; and how often it says nothing."""

import pytest

from services import links, page_signs
from services.page_signs import Code, moved, read

HTML = {"content-type": "text/html; charset=utf-8"}


def page(head: str = "", body: str = "") -> str:
    return f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'>{head}</head><body>{body}</body></html>"


def shown(url: str) -> str:
    return f'<meta property="og:title" content="Mia" /><meta property="og:url" content="{url}" />'


SHELL = page("<title>Platform</title>", '<div id="react-root"></div><script src="/main.js"></script>')
CASES: dict[str, tuple[str, int, str, Code]] = {
    "ig-post": ("Instagram", 200, page(shown("https://www.instagram.com/p/DAb/")), "there"),
    "ig-shell": ("Instagram", 200, SHELL, "unclear"),
    "ig-gone": ("Instagram", 200, page("", "<h2>Sorry, this page isn&#39;t available.</h2>"), "gone"),
    "ig-gone-curly": ("Instagram", 200, page("", "<h2>Sorry, this page isn’t available.</h2>"), "gone"),
    "ig-404": ("Instagram", 404, page("<title>Page Not Found • Instagram</title>"), "gone"),
    "ig-private": ("Instagram", 200, page(shown("https://www.instagram.com/mia/"), '{"is_private":true}'), "private"),
    "ig-private-text": ("Instagram", 200, page("", "<h2>This account is private</h2>"), "private"),
    "ig-public-flag": ("Instagram", 200, page(shown("https://i.com"), '{"is_private":false}'), "there"),
    "ig-too-many": ("Instagram", 429, page(), "unclear"),
    "tt-video": ("TikTok", 200, page(shown("https://www.tiktok.com/@mia/video/7")), "there"),
    "tt-video-private": ("TikTok", 200, page("", '{"statusCode":10216,"statusMsg":"item is private"}'), "private"),
    "tt-account-private": ("TikTok", 200, page(shown("https://t"), '{"privateAccount":true}'), "private"),
    "tt-account-gone": ("TikTok", 200, page("", '{"statusCode":10221}'), "gone"),
    "tt-gone-text": ("TikTok", 200, page("", "<p>Couldn&#x27;t find this account</p>"), "gone"),
    "tt-blocked": ("TikTok", 200, page("", '{"statusCode":10204}'), "unclear"),
    "yt-video": ("YouTube", 200, page("", '{"playabilityStatus":{"status":"OK","playable":true}}'), "there"),
    "yt-private": (
        "YouTube",
        200,
        page(
            shown("https://y"), '{"playabilityStatus":{"status":"LOGIN_REQUIRED","messages":["This video is private"]}}'
        ),
        "private",
    ),
    "yt-removed": (
        "YouTube",
        200,
        page("", '{"playabilityStatus":{"status":"ERROR","reason":"This video isn\'t available anymore"}}'),
        "gone",
    ),
    "yt-robot": (
        "YouTube",
        200,
        page(shown("https://y"), '{"playabilityStatus":{"reason":"Sign in to confirm you’re not a bot"}}'),
        "unclear",
    ),
    "yt-other": ("YouTube", 200, page(shown("https://y"), '{"playabilityStatus":{"status":"ERROR"}}'), "unclear"),
    "yt-channel": ("YouTube", 200, page(shown("https://www.youtube.com/@mia")), "there"),
    "yt-404": ("YouTube", 404, page(), "gone"),
    "tg-channel": ("Telegram", 200, page("", '<div class="tgme_page_title"><span>Mia</span></div>'), "there"),
    "tg-preview": ("Telegram", 200, page("", '<div class="tgme_channel_info">'), "there"),
    "tg-nobody": ("Telegram", 200, page("", '<i class="tgme_icon_user"></i> you can contact @x'), "gone"),
    "tg-post-gone": ("Telegram", 200, page("", '<div class="tgme_widget_message_error">Post not found</div>'), "gone"),
    "x-shell": ("X", 200, SHELL, "unclear"),
    "x-protected": ("X", 200, page(shown("https://x"), "These posts are protected"), "private"),
    "x-nobody": ("X", 200, page("", "This account doesn’t exist"), "gone"),
    "fb-page": ("Facebook", 200, page(shown("https://www.facebook.com/mia")), "there"),
    "fb-either": ("Facebook", 200, page(shown("https://f"), "This content isn't available right now"), "unclear"),
    "fb-login": ("Facebook", 200, page(shown("https://f"), "You must log in to continue."), "unclear"),
    "sp-track": ("Spotify", 200, page(shown("https://open.spotify.com/track/4uLU")), "there"),
    "sp-404": ("Spotify", 404, page(), "gone"),
    "tw-channel": ("Twitch", 200, page(shown("https://www.twitch.tv/mia")), "there"),
    "tw-gone": ("Twitch", 200, page("", "unless you've got a time machine, that content is unavailable."), "gone"),
    "elsewhere": ("", 404, page(), "unclear"),
    "captcha": ("TikTok", 200, page("<title>Verify to continue</title>", '<div id="captcha">'), "unclear"),
    "empty": ("Instagram", 200, "", "unclear"),
}


@pytest.mark.parametrize(("platform", "status", "body", "code"), CASES.values(), ids=CASES)
def test_a_page_is_read_by_its_first_sign(platform: str, status: int, body: str, code: Code) -> None:
    assert read(platform, status, HTML, body) == code


@pytest.mark.parametrize("status", [204, 206, 301, 400, 401, 403, 418, 429, 451, 500, 502, 503, 999])
@pytest.mark.parametrize("platform", page_signs.SIGNS)
def test_any_other_status_says_nothing(platform: str, status: int) -> None:
    """Not even where the page has a sign on it: walls are shown with whatever page comes handy."""
    for _, _, body, _ in CASES.values():
        assert read(platform, status, HTML, body) == "unclear"


@pytest.mark.parametrize("kind", [{}, {"content-type": "application/json"}, {"content-type": "image/png"}])
def test_what_is_no_page_is_not_read_as_one(kind: dict[str, str]) -> None:
    assert read("Instagram", 200, kind, page(shown("https://i"))) == "unclear"


def test_every_platform_has_its_signs() -> None:
    assert set(page_signs.SIGNS) == set(links.PLATFORMS)
    domains = {domain for platform in links.PLATFORMS.values() for domain in platform.domains}
    assert domains >= page_signs.SHORTENERS


MOVES: dict[str, tuple[str, str, str, str, Code | None]] = {
    "slash": ("Instagram", "instagram.com", "/mia", "/mia/", None),
    "case": ("Instagram", "instagram.com", "/Mia/", "/mia/", None),
    "owner-added": ("Instagram", "instagram.com", "/p/DAb", "/mia/p/DAb/", None),
    "account": ("Instagram", "instagram.com", "/mia/", "/mia.studio/", "renamed"),
    "post": ("Instagram", "instagram.com", "/p/DAb", "/p/DXy/", "renamed"),
    "login": ("Instagram", "instagram.com", "/mia/", "/accounts/login/", "unclear"),
    "home": ("Instagram", "instagram.com", "/mia/", "/", "unclear"),
    "challenge": ("Instagram", "instagram.com", "/mia/", "/challenge/", "unclear"),
    "video-of-a-renamed": ("TikTok", "tiktok.com", "/@mia/video/7", "/@mia.s/video/7", "renamed"),
    "share-link": ("TikTok", "tiktok.com", "/t/ZTabc", "/@mia/video/7", None),
    "nameless": ("TikTok", "tiktok.com", "/@mia", "/foryou", "unclear"),
    "short-video": ("YouTube", "youtu.be", "/dQw4", "/watch", None),
    "short-login": ("Facebook", "fb.me", "/mia", "/login/", "unclear"),
    "short-page": ("Facebook", "fb.me", "/m1", "/mia", None),
    "by-number": ("Facebook", "facebook.com", "/profile.php", "/mia", None),
    "page": ("Facebook", "facebook.com", "/mia", "/mia.studio", "renamed"),
    "domain": ("X", "twitter.com", "/mia/status/1", "/mia/status/1", None),
    "unnamed-status": ("X", "x.com", "/i/status/1", "/mia/status/1", None),
    "handle": ("X", "twitter.com", "/mia", "/mia_s", "renamed"),
    "language": ("Spotify", "spotify.com", "/track/4uLU", "/intl-de/track/4uLU", None),
}


@pytest.mark.parametrize(("platform", "domain", "asked", "location", "code"), MOVES.values(), ids=MOVES)
def test_a_redirect_renames_only_where_both_ends_have_names(
    platform: str, domain: str, asked: str, location: str, code: Code | None
) -> None:
    assert moved(platform, domain, asked, location) == code
