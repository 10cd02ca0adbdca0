"""The status table of the shop, row by row: what each answer of a provider does to an order and its money."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.money import ZERO, Money
from services.panel_answers import Snapshot
from services.settlement import Outcome, Terms, changes, decide
from tests.unit.status_rows import money, said, terms

CASES = [
    # what the provider says            status       delivered  refunded
    (said("partial", 400), "partial", 600, "4.00"),
    (said("partial", 1), "partial", 999, "0.01"),
    (said("partial", 1000), "partial", 0, "10.00"),
    (said("partial", 1001), "canceled", 0, "10.00"),
    (said("partial", 1500), "canceled", 0, "10.00"),
    (said("partial", 0), "completed", 1000, "0.00"),
    (said("partial", -50), "completed", 1000, "0.00"),
    (said("partial", None), "placed", 0, "0.00"),
    (said("canceled", 400), "canceled", 600, "4.00"),
    (said("canceled", 0), "canceled", 0, "10.00"),
    (said("canceled", None), "canceled", 0, "10.00"),
    (said("canceled", 1000), "canceled", 0, "10.00"),
    (said("canceled", 5000), "canceled", 0, "10.00"),
    (said("canceled", -2), "canceled", 0, "10.00"),
    (said("completed", 0), "completed", 1000, "0.00"),
    (said("completed", None), "completed", 1000, "0.00"),
    (said("completed", 700), "completed", 1000, "0.00"),
    (said("completed", -2), "completed", 1000, "0.00"),
    (said("running", 1000), "placed", 0, "0.00"),
    (said("running", 400), "placed", 600, "0.00"),
    (said("running", 0), "placed", 0, "0.00"),
    (said("running", None), "placed", 0, "0.00"),
    (said("running", 3000), "placed", 0, "0.00"),
    (said("running", -5), "placed", 0, "0.00"),
]


@pytest.mark.parametrize(("snapshot", "status", "delivered", "refunded"), CASES)
def test_an_open_order_ends_as_the_table_says(snapshot: Snapshot, status: str, delivered: int, refunded: str) -> None:
    outcome = decide(terms(), snapshot)
    assert (outcome.status, outcome.delivered, outcome.refunded) == (status, delivered, money(refunded))


PACKAGES = [
    # of 1 package       what the provider says    status       delivered  refunded
    (1, said("partial", 1), "partial", 0, "2.40"),
    (1, said("partial", 700), "partial", 0, "2.40"),  # items of the package, most likely: it is not whole
    (1, said("partial", 0), "completed", 1, "0.00"),
    (1, said("partial", -3), "completed", 1, "0.00"),
    (1, said("partial", None), "placed", 0, "0.00"),
    (1, said("canceled", 1), "canceled", 0, "2.40"),
    (1, said("canceled", 0), "canceled", 0, "2.40"),
    (1, said("canceled", 900), "canceled", 0, "2.40"),
    (1, said("completed", 5), "completed", 1, "0.00"),
    (1, said("running", 1), "placed", 0, "0.00"),
    (1, said("running", 400), "placed", 0, "0.00"),
    (1, said("running", 0), "placed", 0, "0.00"),
    # of 3 packages for the same: kept = floor(charge x packages delivered / 3)
    (3, said("partial", 1), "partial", 2, "0.80"),
    (3, said("partial", 2), "partial", 1, "1.60"),
    (3, said("partial", 3), "partial", 0, "2.40"),
    (3, said("partial", 900), "partial", 0, "2.40"),
    (3, said("canceled", 1), "canceled", 2, "0.80"),
]


@pytest.mark.parametrize(("packages", "snapshot", "status", "delivered", "refunded"), PACKAGES)
def test_a_package_is_kept_whole_or_not_at_all(
    packages: int, snapshot: Snapshot, status: str, delivered: int, refunded: str
) -> None:
    outcome = decide(terms(unit="package", quantity=packages, charge=money("2.40")), snapshot)
    assert (outcome.status, outcome.delivered, outcome.refunded) == (status, delivered, money(refunded))


def test_packages_are_shared_out_to_the_micro_unit() -> None:
    """Two of three for $10.00: kept is floor(6,666,666.67), back is the rest."""
    outcome = decide(terms(unit="package", quantity=3), said("partial", 1))
    assert outcome.refunded == money("3.333334")


def found(state: str, posts: int | None) -> Snapshot:
    """A subscription's row with so many orders; None: it lists none."""
    return said(state, posts=posts)


POSTS = [
    # 5 posts for $10.00: $2.00 each       status       done  refunded
    (found("running", 0), "placed", 0, "0.00"),
    (found("running", 3), "placed", 3, "0.00"),
    (found("running", 5), "placed", 5, "0.00"),
    (found("running", None), "placed", 0, "0.00"),
    (found("completed", 5), "completed", 5, "0.00"),
    (found("completed", 7), "completed", 5, "0.00"),
    (found("completed", 3), "partial", 3, "4.00"),
    (found("completed", 0), "canceled", 0, "10.00"),
    (found("completed", None), "completed", 5, "0.00"),
    (found("expired", 5), "completed", 5, "0.00"),
    (found("expired", 1), "partial", 1, "8.00"),
    (found("expired", 0), "canceled", 0, "10.00"),
    (found("expired", None), "placed", 0, "0.00"),  # says nothing of what was done: asked again
    (found("canceled", 4), "canceled", 4, "2.00"),
    (found("canceled", 0), "canceled", 0, "10.00"),
    (found("canceled", 5), "completed", 5, "0.00"),
    (found("canceled", None), "canceled", 0, "10.00"),
    (found("partial", 2), "partial", 2, "6.00"),
    (found("partial", None), "placed", 0, "0.00"),
    # a `remains` beside the list, or without one: of what, nobody knows
    (said("running", 3, posts=1), "placed", 1, "0.00"),
    (said("running", 3), "placed", 0, "0.00"),
    (said("expired", 4, posts=2), "partial", 2, "6.00"),
    (said("expired", 0), "placed", 0, "0.00"),
    (said("expired", 3), "placed", 0, "0.00"),
    (said("partial", 3), "placed", 0, "0.00"),
    (said("partial", 0), "placed", 0, "0.00"),
    (said("canceled", 3), "canceled", 0, "10.00"),
    (said("canceled", 3, posts=4), "canceled", 4, "2.00"),
    (said("completed", 3), "completed", 5, "0.00"),
]


@pytest.mark.parametrize(("snapshot", "status", "done", "refunded"), POSTS)
def test_a_subscription_pays_for_the_posts_it_found(snapshot: Snapshot, status: str, done: int, refunded: str) -> None:
    outcome = decide(terms(unit="post", quantity=5), snapshot)
    assert (outcome.status, outcome.delivered, outcome.refunded) == (status, done, money(refunded))


def test_posts_are_shared_out_to_the_micro_unit() -> None:
    """Two of three for $10.00: kept is floor(6,666,666.67), back is the rest."""
    assert decide(terms(unit="post", quantity=3), found("expired", 2)).refunded == money("3.333334")


def test_a_subscription_that_never_says_what_it_did_alerts_an_admin_at_the_third_time() -> None:
    order = terms(unit="post", quantity=5, unreadable_polls=2)
    assert decide(order, found("expired", None)).alerts == ("remains-unreadable",)


def test_a_closed_subscription_may_only_give_more_back() -> None:
    closed = terms(unit="post", quantity=5, status="partial", delivered=3, refunded=money("4.00"))
    assert decide(closed, found("expired", 4)).refunded == money("4.00")
    assert decide(closed, found("canceled", 2)).refunded == money("6.00")
    assert not changes(closed, decide(closed, found("running", 5)))


def test_a_flapping_provider_must_find_the_same_posts_twice() -> None:
    order = terms(unit="post", quantity=5, confirmations=2)
    once = decide(order, found("expired", 3))
    assert (once.status, once.unconfirmed) == ("placed", "partial:3")
    again = terms(unit="post", quantity=5, confirmations=2, unconfirmed=once.unconfirmed)
    assert decide(again, found("expired", 4)).status == "placed"
    assert decide(again, found("expired", 3)).status == "partial"


@pytest.mark.parametrize("unit", ["thousand", "package"])
def test_expired_says_nothing_of_any_other_order(unit: str) -> None:
    outcome = decide(terms(unit=unit), said("expired", 400))
    assert (outcome.status, outcome.refunded) == ("placed", ZERO)


@given(
    unit=st.sampled_from(["thousand", "package", "post"]),
    quantity=st.integers(1, 50),
    charge=st.integers(0, 10**12),
    story=st.lists(
        st.builds(
            lambda state, remains, posts: said(state, remains, posts=posts),
            st.sampled_from(["running", "partial", "canceled", "completed", "expired"]),
            st.none() | st.integers(-5, 80),
            st.none() | st.integers(0, 60),
        ),
        max_size=12,
    ),
)
def test_in_every_unit_refunds_grow_within_the_charge_and_match_what_was_delivered(
    unit: str, quantity: int, charge: int, story: list[Snapshot]
) -> None:
    order = terms(unit=unit, quantity=quantity, charge=Money(charge))
    for snapshot in story:
        outcome = decide(order, snapshot)
        assert order.refunded <= outcome.refunded <= order.charge
        assert 0 <= outcome.delivered <= quantity
        if outcome.status in ("partial", "canceled", "completed"):
            assert outcome.refunded.micros == charge - charge * outcome.delivered // quantity
        order = replace(follow(order, outcome), unit=unit)


LATE = [
    # how it was closed                      what comes later          status       delivered  refunded in all
    (("partial", 600, "4.00"), said("partial", 400), "partial", 600, "4.00"),
    (("partial", 700, "3.00"), said("partial", 400), "partial", 600, "4.00"),
    (("partial", 600, "4.00"), said("partial", 300), "partial", 600, "4.00"),
    (("partial", 600, "4.00"), said("partial", None), "partial", 600, "4.00"),
    (("partial", 700, "3.00"), said("canceled", 0), "canceled", 0, "10.00"),
    (("partial", 600, "4.00"), said("canceled", 400), "partial", 600, "4.00"),
    (("partial", 600, "4.00"), said("completed", 0), "partial", 600, "4.00"),
    (("partial", 600, "4.00"), said("running", 100), "partial", 600, "4.00"),
    (("completed", 1000, "0.00"), said("partial", 400), "partial", 600, "4.00"),
    (("completed", 1000, "0.00"), said("canceled", 0), "canceled", 0, "10.00"),
    (("completed", 1000, "0.00"), said("partial", 0), "completed", 1000, "0.00"),
    (("completed", 1000, "0.00"), said("running", 500), "completed", 1000, "0.00"),
    (("canceled", 600, "4.00"), said("canceled", 0), "canceled", 0, "10.00"),
    (("canceled", 600, "4.00"), said("partial", 500), "canceled", 500, "5.00"),
    (("canceled", 0, "10.00"), said("partial", 400), "canceled", 0, "10.00"),
    (("canceled", 0, "10.00"), said("completed", 0), "canceled", 0, "10.00"),
]


@pytest.mark.parametrize(("closed", "snapshot", "status", "delivered", "refunded"), LATE)
def test_a_closed_order_may_only_give_more_back(
    closed: tuple[str, int, str], snapshot: Snapshot, status: str, delivered: int, refunded: str
) -> None:
    before = terms(status=closed[0], delivered=closed[1], refunded=money(closed[2]))
    outcome = decide(before, snapshot)
    assert (outcome.status, outcome.delivered, outcome.refunded) == (status, delivered, money(refunded))


def test_an_unreadable_partial_is_asked_again_and_alerts_once_at_the_third_time() -> None:
    heard: list[tuple[str, ...]] = []
    order = terms()
    for _ in range(5):
        outcome = decide(order, said("partial", None))
        assert (outcome.status, outcome.refunded) == ("placed", ZERO)
        heard.append(outcome.alerts)
        order = terms(unreadable_polls=outcome.unreadable_polls)
    assert heard == [(), (), ("remains-unreadable",), (), ()]
    assert decide(order, said("running", 3)).unreadable_polls == 0


def test_an_answer_that_stays_unreadable_is_no_news_after_the_alert() -> None:
    """Else such an order would be written and asked about at the fastest pace until somebody looks at it."""
    order = terms()
    for _ in range(3):
        outcome = decide(order, said("partial", None))
        assert changes(order, outcome)
        order = terms(progress=outcome.progress, unreadable_polls=outcome.unreadable_polls)
    assert not changes(order, decide(order, said("partial", None)))


def test_a_flapping_provider_must_say_the_same_end_twice() -> None:
    once = decide(terms(confirmations=2), said("partial", 400))
    assert (once.status, once.refunded, once.unconfirmed) == ("placed", ZERO, "partial:600")
    other = decide(terms(confirmations=2, unconfirmed=once.unconfirmed), said("partial", 300))
    assert (other.status, other.unconfirmed) == ("placed", "partial:700")
    between = decide(terms(confirmations=2, unconfirmed=once.unconfirmed), said("running", 400))
    assert between.unconfirmed is None
    twice = decide(terms(confirmations=2, unconfirmed=once.unconfirmed), said("partial", 400))
    assert (twice.status, twice.refunded, twice.unconfirmed) == ("partial", money("4.00"), None)


def test_a_flapping_provider_has_meant_the_same_where_the_same_becomes_of_the_order() -> None:
    """`remains` of a Completed order may go on moving; so may that of one of which nothing was delivered."""
    for first, second in ((said("completed", -2), said("completed", -3)), (said("canceled", 0), said("canceled", -1))):
        once = decide(terms(confirmations=2), first)
        assert once.status == "placed"
        twice = decide(terms(confirmations=2, unconfirmed=once.unconfirmed), second)
        assert twice.status == first.state


def test_a_running_order_shows_the_providers_word_and_start_count() -> None:
    outcome = decide(
        terms(progress="Pending", start_count=None), said("running", 900, word="Processing", start_count=41)
    )
    assert (outcome.progress, outcome.start_count, outcome.delivered) == ("Processing", 41, 100)


@pytest.mark.parametrize("word", ["completed", "partial", "canceled", "running"])
def test_what_is_closed_is_news_only_where_more_comes_back(word: str) -> None:
    """Another word or start count would renew the watch window, and edit a finished card, for ever."""
    closed = terms(status="partial", delivered=600, refunded=money("4.00"), progress="Partial", start_count=7)
    answer = said(word, 400, word="Another word", start_count=99)
    assert not changes(closed, decide(closed, answer))


def test_an_answer_that_says_nothing_new_changes_nothing() -> None:
    before = terms(delivered=600, progress="In progress")
    assert not changes(before, decide(before, said("running", 400, word="In progress")))
    assert changes(before, decide(before, said("running", 399, word="In progress")))


answers = st.builds(
    said,
    st.sampled_from(["running", "partial", "canceled", "completed"]),
    st.none() | st.integers(min_value=-100, max_value=3000),
    charge=st.none() | st.sampled_from(["0", "4.80", "8.00"]),
)


@given(quantity=st.integers(1, 2000), charge=st.integers(0, 10**12), story=st.lists(answers, max_size=12))
def test_whatever_is_said_refunds_grow_within_the_charge_and_match_what_was_delivered(
    quantity: int, charge: int, story: list[Snapshot]
) -> None:
    order = terms(quantity=quantity, charge=Money(charge))
    for snapshot in story:
        outcome = decide(order, snapshot)
        assert order.refunded <= outcome.refunded <= order.charge
        assert 0 <= outcome.delivered <= quantity
        if outcome.status in ("partial", "canceled", "completed"):
            assert outcome.refunded.micros == charge - charge * outcome.delivered // quantity
        order = follow(order, outcome)
    assert not changes(order, decide(order, story[-1])) if story and order.status != "placed" else True


def follow(order: Terms, outcome: Outcome) -> Terms:
    return terms(
        quantity=order.quantity,
        charge=order.charge,
        status=outcome.status,
        delivered=outcome.delivered,
        refunded=outcome.refunded,
        progress=outcome.progress,
        start_count=outcome.start_count,
        provider_charge=outcome.provider_charge,
        unreadable_polls=outcome.unreadable_polls,
        unconfirmed=outcome.unconfirmed,
    )
