"""One layout for every notice about an order: the same facts in the same places."""

import pytest

from handlers.i18n import Texts
from handlers.notices import render
from services import notices
from services.money import Money
from tests.handlers.test_notices import PARTIAL, fits

ABOUT = (12, "Instagram Likes | Real", "A", 1_000)
TOLD = (Money.parse("0.40"), Money.parse("19.00"))


@pytest.mark.parametrize(
    ("notice", "title", "facts"),
    [
        (PARTIAL, "⚠️ Order #12 stopped early", ["6,000 of 10,000", "$4.00", "$19.00"]),
        (
            notices.Canceled(*ABOUT, 600, Money.parse("1.00"), *TOLD, None),
            "⚠️ Order #12 was cancelled by the server",
            ["600 of 1,000", "$0.40", "$19.00"],
        ),
        (
            notices.Rejected(*ABOUT, *TOLD, "bad_link", None),
            "⚠️ Order #12 could not be placed",
            ["0 of 1,000", "$0.40", "$19.00"],
        ),
        (
            notices.Corrected(*ABOUT, 600, *TOLD),
            "💰 More money back from order #12",
            ["600 of 1,000", "$0.40", "$19.00"],
        ),
        (
            notices.Verifying(*ABOUT, Money.parse("1.00")),
            "🔎 Order #12 is being verified",
            ["not known yet, of 1,000", "$1.00"],
        ),
        (
            notices.Clarifying(*ABOUT, Money.parse("1.00")),
            "🔎 Order #12 stopped, and its count is being clarified",
            ["not known yet, of 1,000", "$1.00"],
        ),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
def test_the_same_facts_stand_in_the_same_places(
    texts: Texts, notice: notices.Notice, title: str, facts: list[str]
) -> None:
    """What happened and where; how many came; the money and the balance; then why, and what to do."""
    said = fits(render(notice, texts)).splitlines()
    assert said[:3] == [title, "Instagram Likes · Real · Server A", ""]
    assert said[3].startswith("Delivered: ")
    figures = said[3 : 3 + len(facts)]
    assert all(line.endswith(fact) for line, fact in zip(figures, facts, strict=True)), figures
    assert said[3 + len(facts)] == ""
    assert said[4 + len(facts)].endswith("."), "the reason is a sentence"


def test_packages_are_counted_in_packages_wherever_they_are_told_of(texts: Texts) -> None:
    about = (12, "Instagram Packages | Start", "A", 3)
    for notice in (
        notices.Rejected(*about, *TOLD, "bad_link", None, unit="package"),
        notices.Verifying(*about, Money.parse("9.00"), unit="package"),
        notices.Clarifying(*about, Money.parse("9.00"), unit="package"),
    ):
        assert "of 3 packages" in fits(render(notice, texts))
