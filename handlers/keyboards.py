"""Inline keyboards: buttons by intention, rows, pages, and the few rows that many screens share."""

from collections.abc import Callable, Sequence
from typing import Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from handlers import callbacks
from handlers.i18n import Texts

Style = Literal["primary", "success", "danger"]
Row = Sequence[InlineKeyboardButton]
LONGEST_COPY = 256


def tap(label: str, data: CallbackData, style: Style | None = None) -> InlineKeyboardButton:
    """A button that carries an intention."""
    return InlineKeyboardButton(text=label, callback_data=data.pack(), style=style)


def copy(label: str, text: str) -> InlineKeyboardButton:
    """A button that copies `text`."""
    return InlineKeyboardButton(text=label, copy_text=CopyTextButton(text=text[:LONGEST_COPY]))


def visit(label: str, url: str) -> InlineKeyboardButton:
    """A button that opens an address."""
    return InlineKeyboardButton(text=label, url=url)


def stack(*rows: Row) -> InlineKeyboardMarkup:
    """The rows below one another; empty ones are left out."""
    return InlineKeyboardMarkup(inline_keyboard=[list(row) for row in rows if row])


def grid(buttons: Sequence[InlineKeyboardButton], width: int) -> list[Row]:
    """The buttons in rows of `width`."""
    return [buttons[start : start + width] for start in range(0, len(buttons), width)]


def pages(texts: Texts, page: int, last: int, at: Callable[[int], CallbackData]) -> Row:
    """Arrows to the neighbouring pages; nothing where there is one page. Pages count from 0, `last` is the highest."""
    row = []
    if page > 0:
        row.append(tap(texts.bare("button-previous", page=page), at(page - 1)))
    if page < last:
        row.append(tap(texts.bare("button-next", page=page + 2), at(page + 1)))
    return row


def back(texts: Texts, to: CallbackData) -> InlineKeyboardButton:
    """Back, always called the same."""
    return tap(texts.bare("button-back"), to)


def cancel(texts: Texts) -> InlineKeyboardButton:
    """Give up the order being made."""
    return tap(texts.bare("button-cancel"), callbacks.Leave(), "danger")


def menu(texts: Texts, *, new: bool = False) -> InlineKeyboardButton:
    """To the menu."""
    return tap(texts.bare("button-menu"), callbacks.Go(to="menu", new=new))


def decide(texts: Texts, order_id: int, attempt: int) -> list[Row]:
    """The two ways out of a doubt about `attempt`, for admins."""
    return [
        [tap(texts.bare("button-arrived"), callbacks.Arrived(order_id=order_id, attempt=attempt), "success")],
        [tap(texts.bare("button-missing"), callbacks.Missing(order_id=order_id, attempt=attempt), "danger")],
    ]


def approve(texts: Texts, approval_id: int, *, alone: bool) -> InlineKeyboardMarkup:
    """Take a step that waits or leave it; leave it alone where somebody else must take it."""
    take = [tap(texts.bare("button-approve"), callbacks.Approve(approval_id=approval_id), "success")] if alone else []
    return stack(take, [tap(texts.bare("button-refuse"), callbacks.Refuse(approval_id=approval_id))])


def support(texts: Texts, contact: str) -> Row:
    """A button to the support chat, where it can be opened: `contact` is @name, an address or plain words."""
    if contact.startswith("@"):
        contact = f"https://t.me/{contact[1:]}"
    return [visit(texts.bare("button-support"), contact)] if contact.startswith("https://") else []
