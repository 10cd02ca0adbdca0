"""Several notices as one message: every figure of each, every button that buys, within Telegram's limits."""

from dataclasses import replace
from datetime import timedelta

import pytest
from aiogram import Bot

from handlers import callbacks, digest, reseller_digest
from handlers.i18n import Texts
from services import notices, outbox
from services.money import Money
from services.notices import DIGESTED, Digested, Notice
from services.reseller_notices import ResellerNews
from tests.handlers.phone import Phone, Shown
from tests.handlers.test_notices import LARGE, PARTIAL, fits, labels
from tests.scripted_panel import row
from tests.shop import MIA, Shop

ABOUT = ("Instagram Likes | Real", "A", 1_000)
BACK = (Money.parse("1.00"), Money.parse("20.00"))
ALL: list[Notice] = [
    PARTIAL,
    notices.Completed(13, *ABOUT, 13, 1_000, 1_000, [["A", 1_000]]),
    notices.Completed(14, *ABOUT, 12, 10_000, 10_000, [["A", 6_000], ["B", 4_000]]),
    notices.Canceled(15, *ABOUT, 400, Money.parse("1.00"), Money.parse("0.60"), Money.parse("19.60"), None),
    notices.Rejected(16, *ABOUT, *BACK, "bad_link", None),
    notices.Verifying(17, *ABOUT, Money.parse("1.00")),
    notices.Corrected(18, *ABOUT, 900, Money.parse("0.10"), Money.parse("20.10")),
    notices.Clarifying(20, *ABOUT, Money.parse("1.00")),
]


def test_a_digest_has_every_figure_of_its_notices(texts: Texts) -> None:
    screen = digest.render(ALL, texts)
    assert fits(screen).splitlines() == [
        "📬 News of 8 orders",
        "2 complete · 1 stopped early · 1 cancelled by the server · 1 not placed · 1 corrected · 1 being verified"
        " · 1 being clarified",
        "Back in your wallet in all: $5.70",
        "Balance now: $20.10",
        "",
        "⚠️ #12 stopped early: 6,000 of 10,000 · $4.00 back · Instagram Likes · Real · Server A",
        "✅ #13 complete: 1,000 of 1,000 · Instagram Likes · Real · Server A",
        "✅ #14 complete, and with it #12: 10,000 of 10,000 · Instagram Likes · Real · Server A",
        "⚠️ #15 cancelled: 400 of 1,000 · $0.60 back · Instagram Likes · Real · Server A",
        "⚠️ #16 not placed (link not accepted): 0 of 1,000 · $1.00 back · Instagram Likes · Real · Server A",
        "🔎 #17 being verified: $1.00 held · Instagram Likes · Real · Server A",
        "💰 #18 corrected: 900 of 1,000 · $0.10 back · Instagram Likes · Real · Server A",
        "🔎 #20 stopped, count being clarified: $1.00 held · Instagram Likes · Real · Server A",
    ]
    assert labels(screen) == [
        "#12: Order the remaining 4,000 · Server B · $4.00",
        "Why #12?",
        "Why #15?",
        "📦 My orders",
    ]


def test_orders_that_are_simply_done_say_nothing_of_money(texts: Texts) -> None:
    done = [notices.Completed(number, *ABOUT, number, 1_000, 1_000, []) for number in (1, 2, 3)]
    screen = digest.render(done, texts)
    assert "$" not in fits(screen)
    assert labels(screen) == ["📦 My orders"]


def test_a_package_keeps_its_remark_and_a_private_link_its_look(texts: Texts) -> None:
    package = replace(PARTIAL, unit="package", quantity=3, delivered=1)
    private = replace(PARTIAL, order_id=19, cause="target_private", sure=True)
    screen = digest.render([package, private, PARTIAL], texts)
    assert fits(screen).splitlines()[-1] == "A package counts only when it was delivered whole."
    assert "1 of 3 packages" in fits(screen)
    assert labels(screen)[2] == "#19: 🔓 Make it public, then tap: the remaining 4,000 · Server B · $4.00"


def test_what_a_rest_waits_for_is_one_tap_away_as_well(texts: Texts) -> None:
    """The wallet once, however many offers it does not cover; a server that takes it, for each order by itself."""
    assert PARTIAL.offer is not None
    short = replace(PARTIAL, offer=replace(PARTIAL.offer, missing=Money.parse("0.50")))
    nobody = replace(PARTIAL, order_id=21, offer=None, no_offer="no_alternative")
    gone = replace(PARTIAL, order_id=22, offer=None, no_offer="gone")
    screen = digest.render([short, short, nobody, gone], texts)
    assert labels(screen)[2:] == [
        "Top up",
        "#21: 🔔 Tell me when it can be ordered",
        "Why #12?",
        "Why #12?",
        "Why #21?",
        "Why #22?",
        "📦 My orders",
    ]


@pytest.mark.parametrize("kind", sorted(DIGESTED))
def test_the_largest_digest_of_each_kind_fits_into_one_message(texts: Texts, kind: str) -> None:
    one = next(notice for notice in LARGE.values() if notice.kind == kind)
    if isinstance(one, notices.Partial | notices.Canceled | notices.Rejected | notices.Corrected):
        one = replace(one, refunded=Money(2**62 // digest.MOST))
    screen = digest.render([one] * digest.MOST, texts)
    assert f"{digest.MOST} orders" in fits(screen)
    rows = screen.keyboard.inline_keyboard if screen.keyboard else []
    assert sum(map(len, rows)) <= 100


def test_the_largest_digest_of_a_site_fits_into_one_message(texts: Texts) -> None:
    one = LARGE[ResellerNews]
    assert isinstance(one, ResellerNews)
    one = replace(one, refund=Money(2**62 // reseller_digest.MOST), corrected=True)
    screen = reseller_digest.render([one] * reseller_digest.MOST, texts)
    assert f"{reseller_digest.MOST} changes" in fits(screen)
    assert screen.keyboard is None, "it stands in groups"


def test_a_digest_of_a_site_has_every_figure_of_its_changes(texts: Texts) -> None:
    whole, back, zero = Money.parse("1.00"), Money.parse("0.40"), Money(0)
    partial = ResellerNews(
        MIA, 12, "A-17", "Instagram Likes | Real", "A", "https://x.example", "Partial", 1_000, 600, 400, whole,
        back, back, whole - back, Money.parse("19.40"),
    )  # fmt: skip
    done = replace(partial, order_id=13, reference=None, status="Completed", delivered=1_000, refund=zero)
    more = replace(partial, delivered=500, refund=Money.parse("0.10"), corrected=True, balance=Money.parse("19.50"))
    begun = replace(done, order_id=14, status="In progress", delivered=0, balance=Money.parse("19.50"))
    assert fits(reseller_digest.render([partial, done, more, begun], texts)).splitlines() == [
        "🏪 4 changes of your site's orders",
        "Partial: 2 · Completed: 1 · In progress: 1",
        "Back in your wallet in all: $0.50",
        "Balance now: $19.50",
        "",
        "⚠️ #12 A-17: Partial · 600 of 1,000 · $0.40 back · Instagram Likes · Real · Server A",
        "✅ #13: Completed · 1,000 of 1,000 · Instagram Likes · Real · Server A",
        "💰 #12 A-17: Partial · 500 of 1,000 · $0.10 more back · Instagram Likes · Real · Server A",
        "⏳ #14: In progress · 0 of 1,000 · Instagram Likes · Real · Server A",
    ]


def test_a_rest_that_the_shop_orders_itself_is_said_to_be_on_its_way(texts: Texts) -> None:
    finished = replace(PARTIAL, finishing=True)
    told = fits(digest.render([finished, PARTIAL, PARTIAL], texts))
    assert told.count("$4.00 back · 🤝 we order the rest now · Instagram Likes") == 1


def test_what_must_be_told_alone_is_in_no_digest(texts: Texts) -> None:
    """A card is edited for as long as its order lives, an alert asks for a decision, a credit has a note."""
    alone = {notice.kind for notice in LARGE.values()} - DIGESTED
    assert alone >= {"card", "admin_alert", "credited"}
    for notice in LARGE.values():
        if notice.kind in alone:
            with pytest.raises(ValueError, match="alone"):
                digest.render([PARTIAL, PARTIAL, notice], texts)


def test_what_may_be_digested_is_what_the_type_says() -> None:
    assert {kind.kind for kind in Digested.__args__} == DIGESTED


@pytest.fixture
async def told(shop: Shop, telegram: Bot, mia: Phone, texts: Texts) -> Shown:
    """Three orders of 500 stopped at 300 each: their digest."""
    for number in (1, 2, 3):
        await shop.placed(500)
        shop.north.rows[str(number)] = row("Partial", "200")
    await shop.poll()
    async with shop.db.write() as session:
        claimed = await outbox.claim(session, owner="t", limit=100, lease=timedelta(seconds=60), now=shop.now())
    screen = digest.render([each.notice for each in claimed if each.notice.kind in DIGESTED], texts)
    await telegram.send_message(MIA, screen.text, reply_markup=screen.keyboard)
    return mia.last


async def test_one_tap_in_a_digest_buys_one_rest_and_leaves_the_others(told: Shown, mia: Phone, shop: Shop) -> None:
    assert await shop.balance() == "16.00"
    answer, _ = await mia.tap("#2: Order the remaining 200", told)
    assert answer is not None
    assert answer.startswith("Ordered: 200 on Server B.")
    assert [label.partition(":")[0] for label in told.labels] == [
        "#1", "#3", "Why #1?", "Why #2?", "Why #3?", "📦 My orders",
    ]  # fmt: skip
    await mia.tap("#3: Order the remaining 200", told)
    assert [label.partition(":")[0] for label in told.labels][:2] == ["#1", "Why #1?"]
    assert await shop.balance() == "12.00"
    assert [(await shop.order(number)).replaces_id for number in (4, 5)] == [2, 3]


async def test_a_rest_bought_from_a_digest_is_bought_once(told: Shown, mia: Phone, shop: Shop) -> None:
    data = told.data("#1: Order the remaining 200")
    assert callbacks.BuyRest.unpack(data).among
    await mia.press(data, told)
    assert await mia.press(data, told) == ("This was ordered already, as #4. Nothing was bought again.", False)
    assert await shop.balance() == "14.00"


async def test_why_and_all_orders_open_below_a_digest(told: Shown, mia: Phone) -> None:
    text = told.text
    await mia.tap("Why #2?", told)
    assert mia.last.text.startswith("Why order #2 stopped")
    await mia.tap("📦 My orders", told)
    assert mia.last.text.startswith("Your orders")
    assert told.text == text
