"""A movement of a wallet as a line of its statement."""

from handlers.i18n import Texts
from services.money import ZERO
from services.wallet import Entry


def line(texts: Texts, entry: Entry) -> str:
    """When, what for, and how much came in or went out."""
    if entry.amount < ZERO:
        amount = texts("wallet-out", amount=-entry.amount)
    else:
        amount = texts("wallet-in", amount=entry.amount)
    what = texts("wallet-what", code=entry.code, order=str(entry.order_id or ""))
    return texts("wallet-entry", at=entry.at, what=what, amount=amount)
