"""What the buttons of the catalogue by hand and of the providers mean: for those who run the shop."""

from typing import Annotated, Literal

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from handlers.callbacks import Id, Page

LONGEST_FIND = 40
"""Bytes of what was looked for, or of a provider's name, that a button can carry."""
Kind = Literal["service", "category"]


class Wares(CallbackData, prefix="wl"):
    """A page of what was looked for: of services and categories, or, with no words, of all categories."""

    page: Page = 0
    find: Annotated[str, Field(max_length=LONGEST_FIND)] = ""


class ShelfCard(CallbackData, prefix="wc"):
    """A category as those who run the shop see it, and a page of its services."""

    category_id: Id
    page: Page = 0


class WareCard(CallbackData, prefix="ws"):
    """A service as they see it; `new` leaves the tapped message as it is."""

    service_id: Id
    new: bool = False


class AsCustomer(CallbackData, prefix="wv"):
    """The same service as a customer sees it."""

    service_id: Id


class SetOwn(CallbackData, prefix="wo"):
    """Hide or show a service or a category, or move it in its list."""

    kind: Kind
    id: Id
    what: Literal["hide", "show", "up", "down"]


class AskOwn(CallbackData, prefix="wq"):
    """Ask for what a service or a category is to be called, described as or sold for."""

    kind: Kind
    id: Id
    what: Literal["name", "description", "rate"]


class UndoOwn(CallbackData, prefix="wu"):
    """Take back what was set by hand."""

    kind: Kind
    id: Id
    what: Literal["name", "description", "rate", "position"]


class CallOff(CallbackData, prefix="wx"):
    """Call off the price that was announced of a service: the one that this button was made for."""

    service_id: Id
    mark: Id


class PriceNow(CallbackData, prefix="wn"):
    """Put it in force at once."""

    service_id: Id
    mark: Id


class MarkupOff(CallbackData, prefix="wk"):
    """Call off the markup that was announced for a provider: the one that this button was made for."""

    name: Annotated[str, Field(max_length=LONGEST_FIND)]
    mark: Id


class MarkupNow(CallbackData, prefix="wm"):
    """Put it in force at once."""

    name: Annotated[str, Field(max_length=LONGEST_FIND)]
    mark: Id


class PanelCard(CallbackData, prefix="wp"):
    """All about one provider."""

    name: Annotated[str, Field(max_length=LONGEST_FIND)]


class Fetch(CallbackData, prefix="wf"):
    """Fetch a provider's catalogue now."""

    name: Annotated[str, Field(max_length=LONGEST_FIND)]


def fits(name: str) -> bool:
    """Whether a button can carry this provider's name; commands take any."""
    return len(name.encode()) <= LONGEST_FIND and ":" not in name
