"""The length of a guarantee, as panels write it into names and descriptions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import guarantees
from services.guarantees import LIFETIME, LONGEST

NAMES: list[tuple[str, int | None]] = [
    # a code
    ("Instagram Followers [Mix Quality] [AR30] [Cheapest]", 30),
    ("Instagram Followers [100K] [R99] [1H - 5K/Day] ZP", 99),
    ("Facebook Video Views V2 [ PAKET 60k menit ] [ 3 Hours+ Video ] [R365]", 365),
    ("❤️ TikTok Likes [R30] ♻️", 30),
    ("Instagram Followers | R60 | HQ", 60),
    ("Likes R30D", 30),
    ("Likes R30 Days", 30),
    ("Likes AR-90", 90),
    # a length beside the word
    ("TikTok View [ Server 6 ] [ 30 Days Refill ] [ Max Unlimited ] [ Instant Start ] [ 10M/Day ]", 30),
    ("Twitter Likes [ X ] | 100k/D | Super Fast | Refill 30 Days | instant ♻️⚡", 30),
    ("IG Followers | Speed: Up To 50K/Day | Refill: 30 Days Refill Button | MAX 300K 🔥⛔♻️", 30),
    ("Followers Old Accounts With Posts | Max 1M | 365 Days Refill", 365),
    ("Instagram Likes [ Max - 10k | HQ | Auto Refill 30 Days | Speed - 20k/hour ] INSTANT", 30),
    ("Instagram Followers [HQ - 30 Days Auto-Refill - Non-Drop]", 30),
    ("Instagram Followers Refill S21 [ AUTO refill 30D ][ HQ ]", 30),
    ("☆ Instagram Follower Server -7 (15 days refill)", 15),
    ("YouTube Comments, Korea, Max 100K, HQ, Speed 5K/Day,  30 Days Refill", 30),
    ("Likes | Refill: 15 Days", 15),
    ("Followers | ♻️ 365D", 365),
    ("Followers | 365D ♻️", 365),
    ("Followers | 30-Day Refill", 30),
    ("Followers | 30 Day Guarantee", 30),
    ("Followers | 90 DAYS GUARANTEED", 90),
    ("Followers | 60 Days Warranty", 60),
    ("Followers | 6 Months Refill", 180),
    ("Followers | 1 Year Guarantee", 365),
    ("Followers | 2 Weeks Refill", 14),
    ("Followers | Garansi 30 Hari", 30),
    ("Takipçi | 30 Gün Telafili", 30),
    ("Seguidores | Reposição 30 dias", 30),
    ("Подписчики | Гарантия 30 дней", 30),
    ("Channel + Group | Non Drop 7 Days", 7),
    ("Followers | 30 days refil", 30),
    # what stands alone
    ("Instagram Followers | 30 Days ♻️", 30),
    ("Instagram Followers | ♻️ | 30 Days", 30),
    ("Premium ⭐ | 7 Days", 7),
    # no end
    ("YouTube Views | Non Drop | Lifetime Guarantee", LIFETIME),
    ("Instagram Followers [Real Active - Lifetime Guarantee]", LIFETIME),
    ("❤️ TikTok Likes [Lifetime] ♻️", LIFETIME),
    ("Likes | Life Time Refill", LIFETIME),
    ("Likes | Unlimited Refill", LIFETIME),
    ("Likes | Refill ♾️", LIFETIME),
    # none
    ("Telegram Post Views | No Refill | Max 3M | TEST SERVER", 0),
    ("Twitter Followers [ X ] | 100k/D | Non Refil | Super instant", 0),
    ("Likes | No-Refill", 0),
    ("Likes | NO GUARANTEE", 0),
    ("Likes | Without Guarantee", 0),
    ("Likes | Refill: No", 0),
    ("Likes | Refill - None", 0),
    ("Likes | Guarantee: N/A", 0),
    ("Likes | NR", 0),
    ("Likes | ⛔ Refill", 0),
    ("Likes | 0 Days Refill", 0),
    ("Takipçi | Telafisiz", 0),
    ("Followers | Non Drop | No Refill | 30 Days", 0),
    # nothing is said
    ("Instagram Likes | Real", None),
    ("Instagram Likes | Refill", None),
    ("Followers ♻️", None),
    ("Instagram Views | Speed 100K/Day | Max Unlimited", None),
    ("Spotify Plays | 20K/D | Start 0-24H", None),
    ("YouTube Watch Hours | 60 Minutes", None),
    ("Views | Complete in 3 Days", None),
    ("Twitch Live Viewers | Drip | 100 an Hour", None),
    ("Poster R2D2 | Refill", None),
    ("Followers | 9999 Days Refill", None),
    ("Followers | R5000", None),
    # several: the nearest, and no more than is promised
    ("Followers | Start 2 days after, refill 30 days", 30),
    ("Followers | 30 Days Refill completes in 3 Days", 30),
    ("Followers | 30-60 Days Refill", 30),
    ("Followers | 30 Days Refill | 60 Days Guarantee", 30),
    ("Followers | 30 days refill 60 days", 30),
    ("Followers | No refill after 30 days refill period", 30),
]


@pytest.mark.parametrize(("name", "days"), NAMES)
def test_a_name_says_how_long_it_guarantees(name: str, days: int | None) -> None:
    assert guarantees.read(name) == days


@pytest.mark.parametrize(
    ("description", "days"),
    [
        ("✅ Start instant\r\n✅ Mix followers\r\n✅ 30 Days Refill\r\n\r\n⚠Example link: profile link", 30),
        ("START TIME 0-1H GUARANTEED 30 DAYS SPEED 2.5K/DAY", 30),
        ("Quality: Old Accounts\nRefill: 365 Days Refill ♻️", 365),
        ("Quality: Real\nREFILL: Lifetime", LIFETIME),
        ("Start 0-24H\nComplete time 48H\nR365", 365),
        ("Guarantee: No", 0),
        ("A lifetime of fun\nFast", None),
        ("Completes in\n3 days", None),
        ("Old accounts\n30 days", None),
        (None, None),
        ("", None),
    ],
)
def test_a_description_says_it_beside_the_word_for_refill(description: str | None, days: int | None) -> None:
    assert guarantees.read("Instagram Followers | Refill", description) == days


def test_the_name_is_believed_before_the_description() -> None:
    assert guarantees.read("Likes | No Refill", "30 Days Refill") == 0
    assert guarantees.read("Likes | R30", "No refill") == 30


@given(st.text(max_size=160), st.none() | st.text(max_size=600))
def test_any_text_at_all_gives_a_length_that_can_be_reckoned_with(name: str, description: str | None) -> None:
    days = guarantees.read(name, description)
    assert days is None or days == LIFETIME or 0 <= days <= LONGEST
