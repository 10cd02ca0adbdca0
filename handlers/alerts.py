"""What the staff is told without asking: alerts with the buttons that mend them, steps that wait for a second yes."""

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from handlers import callbacks, keyboards
from handlers.i18n import Texts
from handlers.screens import Screen, lines
from handlers.stock_callbacks import WareCard
from services import actions
from services.notices import AdminAlert
from services.staff_notices import ApprovalNotice


def alert(notice: AdminAlert, texts: Texts) -> Screen:
    """What happened, what it means, and the facts as they came."""
    return Screen(
        lines(
            texts("alert-title", code=notice.code, name=notice.code),
            texts("alert-advice", code=notice.code) or None,
            "",
            texts("alert-order", order=str(notice.order_id), attempt=notice.attempt)
            if notice.order_id is not None
            else None,
            *(texts("alert-fact", name=name, value=value) for name, value in notice.facts.items() if value),
        ),
        _hands(notice, texts),
    )


def _hands(notice: AdminAlert, texts: Texts) -> InlineKeyboardMarkup | None:
    """The buttons that mend it, under the alerts that ask for a decision."""
    if notice.services:
        return keyboards.stack(*keyboards.grid([_service(number, texts) for number in notice.services], 4))
    if notice.order_id is None:
        return None
    order_id = notice.order_id
    if notice.code == "order-unknown":
        what_we_know = keyboards.tap(texts.bare("button-show-doubt"), callbacks.ShowDoubt(order_id=order_id))
        return keyboards.stack(*keyboards.decide(texts, order_id, notice.attempt), [what_we_know])
    if notice.code in ("provider-missing", "orders-stuck"):
        return keyboards.stack([keyboards.tap(texts.bare("button-give-up"), callbacks.GiveBack(order_id=order_id))])
    if notice.code in ("remains-unreadable", "order-silent"):
        return keyboards.stack([keyboards.tap(texts.bare("button-count"), callbacks.CountByHand(order_id=order_id))])
    return None


def _service(number: int, texts: Texts) -> InlineKeyboardButton:
    """To the card of a service, where its price is mended; the alert stays as it is."""
    return keyboards.tap(texts.bare("button-service-card", id=str(number)), WareCard(service_id=number, new=True))


def approval(notice: ApprovalNotice, texts: Texts) -> Screen:
    """A step that waits for the reader, or what became of the reader's own."""
    step = texts(f"ask-{notice.code}", **actions.rich(notice.params))
    head = texts("approval-head", state=notice.state, by=notice.by)
    waits = notice.state == "waiting"
    return Screen(lines(head, "", step), keyboards.approve(texts, notice.approval_id, alone=True) if waits else None)
