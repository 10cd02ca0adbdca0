"""What the two sandbox panels sell: one table of categories, split between north and south by server letter."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Service:
    """One row of a panel's catalogue; `rate` is the price per 1000 (per package for packages), as written."""

    id: int
    name: str
    type: str
    category: str
    rate: str
    min: int
    max: int
    dripfeed: bool = False
    refill: bool = False
    cancel: bool = False
    extra: Mapping[str, str] | None = None

    @property
    def price(self) -> Decimal:
        """The rate as an exact number."""
        return Decimal(self.rate)

    def row(self) -> dict[str, object]:
        """The row of the `services` answer: id an int, numbers as text, flags real booleans."""
        return {
            "service": self.id,
            "name": self.name,
            "type": self.type,
            "category": self.category,
            "rate": self.rate,
            "min": str(self.min),
            "max": str(self.max),
            "dripfeed": self.dripfeed,
            "refill": self.refill,
            "cancel": self.cancel,
            **(self.extra or {}),
        }


class _Row(NamedTuple):
    """One line of the table below; flags: r refill, c cancel, d drip-feed."""

    server: str
    wording: str
    rate: str
    min: int
    max: int
    flags: str = ""
    time: str = ""
    type: str = "Default"


_R = _Row
_SHELVES: dict[str, tuple[_Row, ...]] = {
    "Instagram Likes": (
        _R("A", "Real", "0.80", 50, 100_000, "cd", "6 minutes"),
        _R("B", "Real Mixed", "0.80", 100, 150_000, "c", "14 minutes"),
        _R("C", "Bot | Cheapest | No Refill", "0.32", 10, 500_000, "d", "2 minutes"),
        _R("D", "HQ Profiles | Max 50K", "0.96", 20, 50_000, "rc", "25 minutes"),
        _R("E", "Real & Active | 30 Days Refill", "1.60", 50, 75_000, "rcd", "1 hour 10 minutes"),
        _R("F", "Power Likes | USA 🇺🇸", "4.20", 100, 15_000, "r", "3 hours"),
    ),
    "Instagram Followers": (
        _R("A", "Mixed Quality | 30 Days Refill", "1.84", 100, 100_000, "rcd", "2 hours 5 minutes"),
        _R("B", "Old Accounts | 60 Days Refill", "2.08", 50, 200_000, "rc", "3 hours 40 minutes"),
        _R("C", "Real Looking | No Refill", "1.12", 50, 50_000, "c", "48 minutes"),
        _R("D", "Instant | Drop 10-20 %", "0.95", 10, 30_000, "", "9 minutes"),
        _R("E", "Real | Lifetime Refill ♻️", "4.40", 100, 500_000, "rcd", "9 hours 30 minutes"),
        _R("F", "Female Profiles | 365 Days Refill", "5.25", 100, 20_000, "r", "14 hours"),
    ),
    "Instagram Views": (
        _R("A", "Reel + Video | Instant", "0.024", 100, 10_000_000, "d", "1 minute"),
        _R("B", "Reel | Fast", "0.03", 100, 5_000_000, "cd", "3 minutes"),
        _R("C", "Reel | With Reach & Impressions", "0.096", 100, 2_000_000, "c", "11 minutes"),
        _R("D", "Story Views | All Stories", "0.128", 20, 40_000, "", "18 minutes"),
    ),
    "Instagram Comments": (
        _R("A", "Custom | Real", "8.80", 5, 1_000, "c", "4 hours", "Custom Comments"),
        _R("B", "Custom | Verified Profiles ☑️", "48.00", 1, 100, "", "7 hours", "Custom Comments"),
        _R("C", "Random <3 Emoji", "6.40", 10, 5_000, "c", "55 minutes"),
        _R("D", "Comment Likes", "1.36", 20, 10_000, "", "22 minutes", "Comment Likes"),
        _R("F", "Replies to a Comment", "14.50", 5, 500, "", "5 hours", "Comment Replies"),
    ),
    "Instagram Mentions": (
        _R("A", "Custom List", "6.00", 20, 20_000, "", "12 hours", "Mentions Custom List"),
        _R("B", "Followers of a User", "6.80", 1_000, 50_000, "", "1 day", "Mentions User Followers"),
    ),
    "Instagram Packages": (
        _R("A", "Starter | 1K Followers + 500 Likes", "2.40", 1, 1, "", "1 day", "Package"),
        _R("B", "Auto Likes | New Posts", "0.88", 50, 20_000, "c", "", "Subscriptions"),
        _R("C", "Auto Likes | Slow & Natural", "0.80", 20, 10_000, "c", "", "Subscriptions"),
        _R("D", "Starter | 1K Followers + 500 Likes", "2.60", 1, 1, "", "20 hours", "Package"),
    ),
    "TikTok Views": (
        _R("A", "Instant", "0.016", 100, 50_000_000, "d", "1 minute"),
        _R("B", "Fast | Max 100M", "0.02", 100, 100_000_000, "cd", "2 minutes"),
        _R("C", "⚡ Ultra Fast | With Reach", "0.036", 500, 10_000_000, "", "1 minute"),
        _R("D", "Algorithm Boost | 70 % Watch Time", "0.16", 1_000, 1_000_000, "c", "2 hours"),
    ),
    "TikTok Likes": (
        _R("A", "Real Looking | 30 Days Refill", "0.88", 10, 100_000, "rcd", "16 minutes"),
        _R("B", "HQ | No Refill", "0.68", 10, 50_000, "c", "12 minutes"),
        _R("C", "Real | Lifetime Refill", "1.52", 50, 300_000, "rc", "1 hour"),
        _R("D", "Mixed | Slow & Natural", "0.56", 50, 25_000, "d", "8 hours"),
    ),
    "TikTok Followers": (
        _R("A", "Real | 30 Days Refill", "3.36", 10, 50_000, "rc", "1 hour 25 minutes"),
        _R("B", "HQ | 60 Days Refill", "3.68", 50, 100_000, "rc", "4 hours"),
        _R("C", "Mixed | No Refill", "2.16", 10, 20_000, "c", "35 minutes"),
        _R("D", "Targeted | Arab 🇸🇦", "9.20", 50, 5_000, "", "1 day"),
    ),
    "YouTube Views": (
        _R("A", "Non Drop | Lifetime Guarantee", "1.52", 100, 1_000_000, "rc", "10 hours"),
        _R("B", "Native Ads | Speed 50K/Day", "1.28", 1_000, 10_000_000, "r", "6 hours"),
        _R("C", "Suggested + Browse | 5 Min Retention", "2.64", 500, 250_000, "rcd", "1 day 2 hours"),
        _R("D", "Shorts | Fast", "0.76", 100, 500_000, "c", "3 hours 15 minutes"),
        _R("E", "Search Keyword | Ranking", "3.92", 100, 50_000, "r", "2 days", "SEO"),
    ),
    "YouTube Subscribers": (
        _R("A", "Real | 30 Days Refill", "14.40", 50, 10_000, "r", "1 day 4 hours"),
        _R("B", "Non Drop | Slow", "22.80", 100, 5_000, "rc", "3 days"),
        _R("C", "Fast | Drop Possible", "9.60", 100, 20_000, "", "7 hours"),
        _R("D", "Real & Active | 90 Days Refill", "31.20", 20, 2_000, "r", "2 days"),
    ),
    "YouTube Likes": (
        _R("A", "Real | Lifetime Guarantee", "0.72", 10, 100_000, "rc", "30 minutes"),
        _R("B", "HQ | 30 Days Refill", "0.60", 20, 50_000, "rc", "45 minutes"),
        _R("C", "Instant | No Refill", "0.44", 10, 25_000, "d", "4 minutes"),
    ),
    "Telegram Members": (
        _R("A", "Channel + Group | Non Drop 7 Days", "0.96", 100, 100_000, "c", "20 minutes"),
        _R("B", "Real & Active | 30 Days Refill", "1.44", 50, 50_000, "rc", "1 hour 45 minutes"),
        _R("C", "Premium ⭐ | 7 Days", "6.80", 10, 10_000, "", "2 hours"),
        _R("D", "Cheap | Drop Possible", "0.44", 100, 200_000, "", "8 minutes"),
        _R("E", "Invites from Groups", "3.10", 100, 20_000, "", "1 day", "Invites from Groups"),
    ),
    "Telegram Post Views": (
        _R("A", "1 Post | Instant", "0.04", 50, 1_000_000, "d", "1 minute"),
        _R("B", "Last 5 Posts", "0.144", 50, 200_000, "c", "5 minutes"),
        _R("C", "1 Post | From Search", "0.08", 100, 50_000, "c", "15 minutes"),
        _R("D", "Auto Views | Future Posts", "0.052", 50, 100_000, "c", "", "Subscriptions"),
    ),
    "Telegram Poll Votes": (
        _R("A", "Public Polls", "0.64", 10, 50_000, "", "30 minutes", "Poll"),
        _R("B", "Public Polls | Old Accounts", "0.84", 20, 20_000, "", "50 minutes", "Poll"),
    ),
    "X Followers": (
        _R("A", "Mixed | 30 Days Refill", "4.24", 100, 50_000, "rc", "3 hours"),
        _R("B", "HQ | Profile Pictures", "5.60", 50, 20_000, "rc", "6 hours 20 minutes"),
        _R("C", "NFT / Crypto Accounts", "10.80", 100, 10_000, "", "12 hours"),
        _R("D", "Cheap | No Refill", "2.96", 20, 10_000, "c", "1 hour"),
    ),
    "X Likes": (
        _R("A", "Real Looking", "2.24", 20, 20_000, "cd", "40 minutes"),
        _R("B", "HQ | 30 Days Refill", "2.80", 10, 10_000, "rc", "1 hour 30 minutes"),
        _R("C", "USA 🇺🇸", "7.20", 10, 5_000, "r", "5 hours"),
    ),
    "Facebook Page Likes": (
        _R("A", "Likes + Followers | 30 Days Refill", "3.04", 100, 100_000, "rc", "4 hours 10 minutes"),
        _R("B", "Non Drop | Lifetime Refill", "4.56", 50, 50_000, "rc", "11 hours"),
        _R("C", "Cheap | Max 500K", "1.92", 100, 500_000, "c", "2 hours"),
        _R("D", "Profile & Page Followers", "2.48", 100, 200_000, "r", "3 hours"),
    ),
    "Facebook Video Views": (
        _R("A", "Reels + Video | Instant", "0.12", 500, 10_000_000, "d", "10 minutes"),
        _R("B", "3 Seconds | Monetizable", "0.52", 1_000, 5_000_000, "c", "5 hours"),
    ),
    "Spotify Plays": (
        _R("A", "Free Accounts | Worldwide", "0.56", 1_000, 10_000_000, "r", "10 hours"),
        _R("B", "Premium | Royalty Eligible", "0.92", 1_000, 1_000_000, "r", "1 day"),
        _R("C", "USA 🇺🇸 | Playlist", "1.24", 500, 500_000, "rc", "20 hours"),
        _R("D", "Podcast | Episode", "0.80", 500, 1_000_000, "c", "12 hours"),
    ),
    "Spotify Followers": (
        _R("A", "Artist + Playlist + Profile", "0.72", 20, 1_000_000, "rc", "8 hours"),
        _R("B", "Real | Slow", "1.16", 100, 200_000, "r", "2 days"),
    ),
    "Twitch Followers": (
        _R("A", "Real Looking | 30 Days Refill", "0.76", 10, 100_000, "rc", "15 minutes"),
        _R("B", "HQ | Instant", "0.92", 20, 50_000, "rc", "5 minutes"),
        _R("C", "Cheap | No Refill", "0.36", 50, 200_000, "d", "25 minutes"),
        _R("D", "Drip | 100 an Hour", "1.04", 100, 20_000, "cd", "1 day"),
    ),
    "Twitch Live Viewers": (
        _R("A", "60 Minutes | HQ", "9.60", 10, 5_000, "", "3 minutes"),
        _R("B", "30 Minutes", "5.44", 10, 10_000, "c", "2 minutes"),
    ),
}


def _stock(letters: str, first_id: int, time_key: str) -> tuple[Service, ...]:
    """The services of one panel: those with its server letters, ids counted in the table's order."""
    picked = [(name, row) for name, rows in _SHELVES.items() for row in rows if row.server in letters]
    return tuple(
        Service(
            id=first_id + place,
            name=f"{category} | {row.wording} | Server {row.server}",
            type=row.type,
            category=category,
            rate=row.rate,
            min=row.min,
            max=row.max,
            dripfeed="d" in row.flags,
            refill="r" in row.flags,
            cancel="c" in row.flags,
            extra={time_key: row.time} if row.time else None,
        )
        for place, (category, row) in enumerate(picked)
    )


NORTH = _stock("ACEG", 101, "average_time")
SOUTH = _stock("BDFH", 1001, "time")
