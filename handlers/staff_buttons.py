"""What each button under an order or a person means to the staff: typed as those of handlers.callbacks."""

from typing import Annotated, Literal

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from handlers.callbacks import Id, Page

LONGEST_WHOSE = 28
"""Bytes: what a button holds is counted so."""
WHOSE = r"^$|^[us][0-9]{1,19}$|^p."
"""As Listing has it."""
Part = Literal["all", "money", "tries", "told", "steps", "staff"]


class Story(CallbackData, prefix="os"):
    """The whole story of an order, or one part of it in full."""

    order_id: Id
    part: Part = "all"
    new: bool = False


class Listing(CallbackData, prefix="ol"):
    """A page of the shop's orders, older than order `before` where that is not 0.

    `whose`: u and a person's id, s and a service's, p and a provider's name, or all.
    """

    before: Id = 0
    status: Annotated[str, Field(max_length=9)] = ""
    whose: Annotated[str, Field(max_length=LONGEST_WHOSE, pattern=WHOSE)] = ""


class Refresh(CallbackData, prefix="or"):
    """Ask the provider of an order about it now."""

    order_id: Id


class CallOff(CallbackData, prefix="oc"):
    """Give back an order that never left, or ask its provider to cancel it; `sure`: that was said to be meant."""

    order_id: Id
    sure: bool = False


class GiveMoney(CallbackData, prefix="om"):
    """Give money of an order back by hand: how much and why is asked."""

    order_id: Id


class Resend(CallbackData, prefix="oe"):
    """Show where the rest of an order could be had."""

    order_id: Id


class ResendOn(CallbackData, prefix="ow"):
    """Have it there: offered to the customer, or ordered for them."""

    order_id: Id
    service_id: Id
    how: Literal["offer", "order"]


class Doubts(CallbackData, prefix="ou"):
    """A page of the orders in doubt."""

    page: Page = 0


class Reviews(CallbackData, prefix="ov"):
    """A page of the orders that wait for a count by hand."""

    page: Page = 0


class Card(CallbackData, prefix="pp"):
    """All that is known of a person."""

    user_id: Id
    new: bool = False


class Notes(CallbackData, prefix="pn"):
    """What the staff noted about a person, older than note `before` where that is not 0."""

    user_id: Id
    before: Id = 0


class AddNote(CallbackData, prefix="pa"):
    """Note something about a person: what is asked."""

    user_id: Id


class Ban(CallbackData, prefix="pb"):
    """Keep a person out: why is asked."""

    user_id: Id


class Unban(CallbackData, prefix="pu"):
    """Let a person in again."""

    user_id: Id


class Statement(CallbackData, prefix="ps"):
    """A page of a person's statement, with who moved what."""

    user_id: Id
    page: Page = 0


class SeeGoals(CallbackData, prefix="po"):
    """A page of a person's history, as they see it."""

    user_id: Id
    page: Page = 0


class SeeGoal(CallbackData, prefix="pg"):
    """One goal of it."""

    user_id: Id
    goal_id: Id
    page: Page = 0


class SeeWallet(CallbackData, prefix="pw"):
    """A page of a person's wallet, as they see it."""

    user_id: Id
    page: Page = 0
