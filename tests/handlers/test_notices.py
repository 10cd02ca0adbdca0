"""Every notice renders, in its smallest and its largest form, within Telegram's limits."""

from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

import pytest
from aiogram.filters.callback_data import CallbackData

from bot.sandbox.telegram import entities
from handlers import commands
from handlers.i18n import Texts
from handlers.notices import render
from handlers.screens import Screen
from services import backup_notices, notices, reseller_notices, staff_notices
from services.money import LARGEST, Money
from services.quotes import new_token
from services.roles import Role
from services.site_notices import SiteNotice
from services.staff_notices import OrderedFor, Refunded
from tests.conftest import NOW
from tests.handlers.intentions import BIGGEST

ID = 2**63 - 1
MUCH = Money(LARGEST)
MANY = 999_999_999
NAME = "<Wide & wild> " * 20
LINK = "https://www.instagram.com/p/" + "&" * 470

OFFER = notices.Offer("t" * 16, ID, NAME, "AA", MANY, MUCH, Money(-1))
SPLIT = replace(OFFER, remaining=MANY, missing=MUCH, second=notices.Half("BB", MANY))
LARGE: dict[type[object], notices.Notice] = {
    notices.Card: notices.Card(
        order_id=ID,
        service_name=NAME,
        server="AA",
        link=LINK,
        quantity=MANY,
        charge=MUCH,
        refunded=MUCH,
        status="placed",
        progress="In progress <i>",
        delivered=MANY // 3,
        start_count=ID,
        created_at=NOW.isoformat(),
        closed_at=NOW.isoformat(),
        undo_until=NOW.isoformat(),
        extras={"drip": {"runs": 500, "interval": 1440}},
    ),
    notices.Partial: notices.Partial(
        ID, NAME, "AA", MANY, MANY // 3, MUCH, MUCH, MUCH, cause="overloaded", offer=OFFER
    ),
    notices.Completed: notices.Completed(ID, NAME, "AA", MANY, 1, MANY, MANY, [["A", 1], ["B", 0], ["C", MANY]] * 12),
    notices.Canceled: notices.Canceled(ID, NAME, "AA", MANY, 0, MUCH, MUCH, MUCH, OFFER),
    notices.Rejected: notices.Rejected(ID, NAME, "AA", MANY, MUCH, MUCH, "bad_link", OFFER),
    notices.Verifying: notices.Verifying(ID, NAME, "AA", MANY, MUCH),
    notices.Clarifying: notices.Clarifying(ID, NAME, "AA", MANY, MUCH),
    notices.Corrected: notices.Corrected(ID, NAME, "AA", MANY, 1, MUCH, MUCH),
    Refunded: Refunded(ID, NAME, "AA", MANY, 1, MUCH, MUCH, NAME),
    notices.RestReady: notices.RestReady(ID, MANY, "thousand", MUCH, SPLIT),
    OrderedFor: OrderedFor(ID, [["AA", MANY]] * 2, "thousand", MUCH, MUCH),
    notices.FinishStep: notices.FinishStep(ID, [["AA", MANY]] * 2, "thousand", MUCH, MUCH, 99, 99, MUCH, MUCH),
    notices.FinishStopped: notices.FinishStopped(ID, ID, MANY, "thousand", "orders", 99, MUCH),
    notices.Refill: notices.Refill(ID, NAME, "AA", "rejected", "not_eligible", NOW.isoformat(), NOW.isoformat()),
    notices.GuaranteeEnds: notices.GuaranteeEnds(ID, NAME, "AA", MANY, LINK, NOW.isoformat()),
    notices.Credited: notices.Credited(MUCH, MUCH, NAME),
    notices.Debited: notices.Debited(MUCH, MUCH, NAME),
    staff_notices.ApprovalNotice: staff_notices.ApprovalNotice(
        ID, "debit", {"id": str(ID), "name": NAME, "amount": {"micros": LARGEST}, "reason": NAME}, NAME, "waiting"
    ),
    staff_notices.Broadcast: staff_notices.Broadcast("<b>" + "news " * 800 + "</b>"),
    staff_notices.BroadcastCard: staff_notices.BroadcastCard(ID, "running", MANY, MANY - 1, 1),
    staff_notices.Audited: staff_notices.Audited(NOW.isoformat(), [f"{number}: {NAME}" for number in range(40)]),
    backup_notices.BackupNotice: backup_notices.BackupNotice(
        ID,
        "broken",
        NOW.isoformat(),
        file="/data/backups/" + "x" * 200,
        size=MANY,
        sealed=True,
        holds={"people": MANY, "orders": MANY, "transfers": MANY, "checks": 19},
        broken=[f"{number}: {'books' * 16}" for number in range(19)],
    ),
    reseller_notices.Application: reseller_notices.Application(ID, NAME, "x" * 32, NAME, ID),
    reseller_notices.ResellerDecided: reseller_notices.ResellerDecided("suspended"),
    reseller_notices.ResellerNews: reseller_notices.ResellerNews(
        ID, ID, "r" * 64, NAME, "AA", LINK, "Partial", MANY, MANY, MANY, MUCH, MUCH, MUCH, MUCH, MUCH, "package"
    ),
    reseller_notices.LowBalance: reseller_notices.LowBalance(MUCH, MUCH),
    reseller_notices.GroupLost: reseller_notices.GroupLost("<" * 128, MANY),
    reseller_notices.ResellerDay: reseller_notices.ResellerDay("2026-05-04", MANY, MUCH, MANY, MANY, MANY, MUCH, MUCH),
    SiteNotice: SiteNotice("failing", "a" * 253, "certificate", NOW.isoformat()),
    notices.AdminAlert: notices.AdminAlert("order-unknown", ID, {"provider": "north", "evidence": "<html>" * 50}, 7),
}


def fits(screen: Screen) -> str:
    """The plain text, once everything about the screen was found within Telegram's limits."""
    plain = entities.parse_html(screen.text).plain
    assert 0 < len(plain) <= 4096
    assert "{" not in plain
    assert "None" not in plain
    for row in screen.keyboard.inline_keyboard if screen.keyboard else []:
        assert row
        assert all(len((button.callback_data or "").encode()) <= 64 for button in row)
    return plain


def test_the_table_knows_every_kind() -> None:
    assert set(LARGE) == set(get_args(notices.Notice))


@pytest.mark.parametrize("notice", LARGE.values(), ids=lambda notice: notice.kind)
def test_every_kind_renders_at_its_largest(texts: Texts, notice: notices.Notice) -> None:
    """And the same from the outbox, through JSON."""
    said = fits(render(notice, texts, now=NOW))
    again = notices.from_document(notice.kind, notices.to_document(notice))
    assert fits(render(again, texts, now=NOW)) == said


@pytest.mark.parametrize(
    ("status", "progress", "said"),
    [
        ("queued", "Pending", "Waiting to be sent"),
        ("placing", "Pending", "Being sent"),
        ("placed", "Pending", "Accepted, starts soon"),
        ("placed", "In progress", "In progress"),
        ("placed", "ожидание", "In progress"),
        ("unknown", "Pending", "Being verified"),
        ("rejected", "Pending", "Refused, money back"),
        ("completed", "Completed", "Completed"),
        ("partial", "Partial", "Stopped early"),
        ("canceled", "Canceled", "Cancelled, money back"),
        ("canceled", "Undone", "Undone, money back"),
    ],
)
def test_a_card_names_its_status(texts: Texts, status: str, progress: str, said: str) -> None:
    card = LARGE[notices.Card]
    assert isinstance(card, notices.Card)
    shown = fits(render(replace(card, status=status, progress=progress), texts, now=NOW))
    assert shown.splitlines()[0] == f"Order #{ID} · {said}"


@pytest.mark.parametrize(
    ("delivered", "quantity", "said"),
    [
        (0, 10_000, "▱▱▱▱▱▱▱▱▱▱ 0 %"),
        (6_000, 10_000, "▰▰▰▰▰▰▱▱▱▱ 60 %"),
        (9_999, 10_000, "▰▰▰▰▰▰▰▰▰▱ 99 %"),
        (10_000, 10_000, "▰▰▰▰▰▰▰▰▰▰ 100 %"),
        (12_000, 10_000, "▰▰▰▰▰▰▰▰▰▰ 100 %"),
    ],
)
def test_the_bar_is_full_only_when_all_is_delivered(texts: Texts, delivered: int, quantity: int, said: str) -> None:
    card = LARGE[notices.Card]
    assert isinstance(card, notices.Card)
    assert said in fits(render(replace(card, delivered=delivered, quantity=quantity), texts, now=NOW)).splitlines()


PARTIAL = notices.Partial(
    order_id=12,
    service_name="Instagram Likes | Real",
    server="A",
    quantity=10_000,
    delivered=6_000,
    charge=Money.parse("10"),
    refunded=Money.parse("4"),
    balance=Money.parse("19"),
    cause="overloaded",
    offer=notices.Offer("t" * 16, 7, "Instagram Likes | Real", "B", 4_000, Money.parse("4"), Money(0)),
)


def labels(screen: Screen) -> list[str]:
    return [button.text for row in screen.keyboard.inline_keyboard for button in row] if screen.keyboard else []


def test_the_worked_example_to_the_letter(texts: Texts) -> None:
    screen = render(PARTIAL, texts)
    assert fits(screen).splitlines() == [
        "⚠️ Order #12 stopped early",
        "Instagram Likes · Real · Server A",
        "",
        "Delivered: 6,000 of 10,000",
        "Back in your wallet: $4.00",
        "Balance now: $19.00",
        "",
        "Likely reason: Server A is overloaded; other orders on it stopped today as well.",
    ]
    assert labels(screen) == [
        "Order the remaining 4,000 · Server B · $4.00",
        "Choose another service",
        "🤝 Finish it for me",
        "Keep the money",
        "Why did this happen?",
    ]


@pytest.mark.parametrize(
    ("why", "said", "watched"),
    [
        ("no_alternative", "No other server offers this at the moment.", True),
        ("too_small", "The rest is smaller than the smallest order of the other servers.", True),
        ("too_large", "The rest is larger than the largest order of the other servers.", True),
        ("covered", "Nothing is missing: all that this order was for has come.", False),
        ("gone", "Nothing can be delivered to this link, so the money stays in your wallet.", False),
    ],
)
def test_without_an_offer_the_notice_says_why(texts: Texts, why: str, said: str, watched: bool) -> None:
    screen = render(replace(PARTIAL, offer=None, no_offer=why), texts)
    assert fits(screen).splitlines()[-1] == said
    assert labels(screen) == [
        *(["🔔 Tell me when it can be ordered"] if watched else []),
        "Keep the money",
        "Why did this happen?",
    ]


def test_the_reasons_for_a_server_are_one_line(texts: Texts) -> None:
    assert PARTIAL.offer is not None
    offer = replace(
        PARTIAL.offer,
        difference=Money.parse("0.20"),
        reasons=[["elsewhere"], ["no_refill"], ["completed", 98], ["usual", 7200]],
    )
    last = fits(render(replace(PARTIAL, offer=offer), texts)).splitlines()[-1]
    assert last == "Server B: different server, no refill, 98 % completed this week, usually done in 2 hr, +$0.20"
    worst = replace(offer, difference=-Money.parse("1"), reasons=[["struggling", 7, 12]])
    last = fits(render(replace(PARTIAL, offer=worst), texts)).splitlines()[-1]
    assert last == "Server B: struggling today (7 of the last 12 orders stopped), −$1.00"


@pytest.mark.parametrize(
    ("cause", "sure", "begins"),
    [
        ("target_private", True, "Reason: your link is private"),
        ("target_gone", True, "Reason: there is nothing behind your link"),
        ("target_renamed", True, "Reason: your link leads to another name"),
        ("target", False, "Likely reason: the link itself"),
        ("overloaded", False, "Likely reason: Server A is overloaded"),
        ("provider_trouble", False, "Likely reason: Server A has technical trouble"),
        ("limits", False, "Likely reason: the platform holds back"),
        ("not_the_link", False, "Likely reason: Server A ran short; your link is public"),
        ("something new", False, "Likely reason: Server A ran short, or"),
        ("unclear", False, "We could not tell why: "),
    ],
)
def test_every_cause_is_one_sentence_that_says_how_sure_it_is(
    texts: Texts, cause: str, sure: bool, begins: str
) -> None:
    last = fits(render(replace(PARTIAL, cause=cause, sure=sure), texts)).splitlines()[-1]
    assert last.startswith(begins)
    assert last.endswith(".")
    assert last.count(".") == 1


def test_a_private_link_is_to_be_made_public_before_the_rest_is_ordered(texts: Texts) -> None:
    screen = render(replace(PARTIAL, cause="target_private", sure=True), texts)
    assert labels(screen)[0] == "🔓 Make it public, then tap: the remaining 4,000 · Server B · $4.00"


def test_a_cancelled_order_says_why_as_well(texts: Texts) -> None:
    about = (12, "Instagram Likes | Real", "A", 10_000, 0, Money.parse("10"), Money.parse("10"), Money.parse("25"))
    screen = render(notices.Canceled(*about, None, cause="target_gone", sure=True, no_offer="gone"), texts)
    assert fits(screen).splitlines()[-2:] == [
        "Reason: there is nothing behind your link any more, so please check it before you order again.",
        "Nothing can be delivered to this link, so the money stays in your wallet.",
    ]
    assert labels(screen) == ["Keep the money", "Why did this happen?"]
    unclear = fits(render(notices.Canceled(*about, PARTIAL.offer), texts))
    assert unclear.splitlines()[-1].startswith("We could not tell why: ")


@pytest.mark.parametrize(
    "reason",
    [
        "bad_link",
        "min_quantity",
        "max_quantity",
        "duplicate_link",
        "bad_service",
        "not_enough_funds",
        "bad_key",
        "unreachable",
        "unverified",
        "",
    ],
)
def test_a_rejection_never_names_the_shops_own_troubles(texts: Texts, reason: str) -> None:
    """The shop's balance and key at a panel are nobody else's business."""
    rejected = notices.Rejected(3, "Likes", "A", 100, Money.parse("1"), Money.parse("5"), reason, None)
    said = fits(render(rejected, texts)).casefold()
    assert "all of it is back in your wallet: $1.00" in said
    assert not {word for word in ("fund", "key", "panel", "provider") if word in said}


@pytest.mark.parametrize(
    "code",
    [
        "remains-unreadable",
        "order-silent",
        "canceled-but-charged",
        "unknown-status",
        "accepted-late",
        "order-refused",
        "order-unknown",
        "order-given-up",
        "reckoning-changed",
        "provider-missing",
        "orders-stuck",
        "below-cost-hidden",
        "below-cost-repriced",
        "price-refused",
        "not-yet-invented",
    ],
)
def test_an_alert_says_what_happened_with_its_facts(texts: Texts, code: str) -> None:
    said = fits(render(notices.AdminAlert(code, 7, {"provider": "north", "evidence": ""}), texts)).splitlines()
    assert said[0].startswith("🚨 ")
    assert {"Order #7", "provider: north"} <= set(said)
    assert not [line for line in said if line.startswith("evidence")]


def test_an_alert_about_a_post_says_which(texts: Texts) -> None:
    alert = notices.AdminAlert("order-unknown", 7, {}, 2)
    assert "Order #7, attempt 2" in fits(render(alert, texts)).splitlines()


@pytest.mark.parametrize(
    ("state", "answer", "said"),
    [
        ("failing", "slow", "no whole answer in 10 seconds"),
        ("given_up", "503", "HTTP 503"),
        ("gone", "410", "HTTP 410"),
        ("failing", "not-yet-invented", "HTTP not-yet-invented"),
    ],
)
def test_a_reseller_reads_which_site_and_what_it_answered(texts: Texts, state: str, answer: str, said: str) -> None:
    title, *rest = fits(render(SiteNotice(state, "shop.example.com", answer), texts)).splitlines()
    assert "shop.example.com" in title
    assert f"Last answer: {said}" in rest


def intentions() -> Iterator[type[CallbackData]]:
    yield from CallbackData.__subclasses__()


def test_the_table_knows_every_intention() -> None:
    assert set(BIGGEST) == {kind for kind in intentions() if kind.__module__.startswith("handlers.")}


def test_no_two_intentions_share_a_prefix() -> None:
    prefixes = [kind.__prefix__ for kind in BIGGEST]
    assert len(prefixes) == len(set(prefixes))


@pytest.mark.parametrize("data", BIGGEST.values(), ids=lambda data: type(data).__name__)
def test_every_intention_survives_the_button_in_64_bytes(data: CallbackData) -> None:
    packed = data.pack()
    assert len(packed.encode()) <= 64
    assert type(data).unpack(packed) == data


def test_tokens_never_contain_the_separator() -> None:
    assert all(set(new_token()).isdisjoint(":") for _ in range(100))


def test_commands_are_within_telegrams_limits(texts: Texts) -> None:
    customers = [command.command for command in commands.customers(texts)]
    everything = commands.of_staff(texts, Role.OWNER)
    own = [command.command for command in everything]
    assert own[: len(commands.STAFF)] == list(commands.STAFF)
    assert set(customers) <= set(own)
    assert len(set(own)) == len(own) <= 100
    for command in everything:
        assert command.command.isascii()
        assert 1 <= len(command.description) <= 256
