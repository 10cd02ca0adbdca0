"""An order on its way, and a status row about it, for the tests of what becomes of both."""

from services.money import ZERO, Money
from services.panel_answers import Snapshot
from services.settlement import Terms

TEN = Money.parse("10.00")


def terms(**changed: object) -> Terms:
    """An order of 1,000 for $10.00, on its way."""
    given: dict[str, object] = {
        "status": "placed",
        "quantity": 1000,
        "charge": TEN,
        "refunded": ZERO,
        "delivered": 0,
        "progress": "In progress",
        "start_count": 7,
    }
    return Terms(**(given | changed))  # type: ignore[arg-type]


def said(state: str, remains: int | None = None, **more: object) -> Snapshot:
    """One status row, as the wire's parser hands it on."""
    given: dict[str, object] = {
        "word": state.capitalize(),
        "state": state,
        "known": True,
        "remains": remains,
        "start_count": None,
        "charge": None,
    }
    return Snapshot(**(given | more))  # type: ignore[arg-type]


def money(text: str) -> Money:
    return Money.parse(text)
