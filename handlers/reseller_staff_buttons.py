"""What the buttons about a reseller mean to the staff: typed as those of handlers.callbacks."""

from typing import Annotated, Literal

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from handlers.callbacks import Id

LONGEST_TIER = 20
"""Characters of a tier's name."""
State = Literal["", "applied", "approved", "refused", "suspended"]


class Resellers(CallbackData, prefix="sl"):
    """The resellers in one state; without it, how many there are in each."""

    state: State = ""


class ResellerCard(CallbackData, prefix="sc"):
    """All about one reseller."""

    user_id: Id
    new: bool = False


class Suspend(CallbackData, prefix="ss"):
    """Let a reseller sell no more: why is asked."""

    user_id: Id


class LetIn(CallbackData, prefix="si"):
    """Let somebody sell on who was suspended or refused."""

    user_id: Id


class ChooseTier(CallbackData, prefix="sg"):
    """Show the tiers that a reseller may be put into."""

    user_id: Id


class PutIntoTier(CallbackData, prefix="sp"):
    """Put a reseller into a tier, or, without a name, into none."""

    user_id: Id
    tier: Annotated[str, Field(max_length=LONGEST_TIER)] = ""
