"""What the staff is told without asking: alerts with the buttons that mend them, steps that wait for a second yes."""

from collections.abc import Sequence
from datetime import datetime

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from handlers import callbacks, keyboards
from handlers.i18n import Texts
from handlers.keyboards import Row
from handlers.screens import Screen, brief, lines
from handlers.stock_callbacks import WareCard
from services import actions
from services.notices import AdminAlert
from services.staff_notices import ApprovalNotice, Audited

SHOWN = 20
"""Broken invariants on one screen; there are not many more."""


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
    """The buttons that mend it, or lead to where it is mended."""
    rows = [*_on_order(notice, texts), *_on_shop(notice, texts)]
    return keyboards.stack(*rows) if rows else None


def _on_order(notice: AdminAlert, texts: Texts) -> Sequence[Row]:
    """Under the alerts about an order that ask for a decision."""
    if notice.order_id is None:
        return []
    order_id = notice.order_id
    if notice.code == "order-unknown":
        what_we_know = keyboards.tap(texts.bare("button-show-doubt"), callbacks.ShowDoubt(order_id=order_id))
        return [*keyboards.decide(texts, order_id, notice.attempt), [what_we_know]]
    if notice.code in ("provider-missing", "orders-stuck"):
        return [[keyboards.tap(texts.bare("button-give-up"), callbacks.GiveBack(order_id=order_id))]]
    if notice.code in ("remains-unreadable", "order-silent"):
        return [[keyboards.tap(texts.bare("button-count"), callbacks.CountByHand(order_id=order_id))]]
    return []


def _on_shop(notice: AdminAlert, texts: Texts) -> Sequence[Row]:
    """Under those about a service, a provider or the shop as a whole."""
    rows: list[Row] = []
    if notice.code == "partial-wave":
        stop = texts.bare("button-suspend")
        rows += [[keyboards.tap(stop, callbacks.Suspend(service_id=one), "danger")] for one in notice.services]
    if notice.services:
        rows += keyboards.grid([_service(number, texts) for number in notice.services], 4)
    if notice.site:
        rows.append([keyboards.visit(texts.bare("button-panel"), notice.site)])
    if notice.code == "restored":
        rows.append([keyboards.tap(texts.bare("button-compare"), callbacks.Compare(), "primary")])
    if notice.code in ("audit-breach", "sales-stopped"):
        rows.append([keyboards.tap(texts.bare("button-sell-again"), callbacks.SellAgain())])
    if notice.code == "audit-breach":
        rows.append([keyboards.tap(texts.bare("button-audit"), callbacks.AuditNow())])
    if notice.code in ("balance-low", "provider-down", "statuses-mute", "key-refused", "outbox-late", "job-late"):
        rows.append([keyboards.tap(texts.bare("button-stats"), callbacks.Stats(period="today", new=True))])
    return rows


def _service(number: int, texts: Texts) -> InlineKeyboardButton:
    """To the card of a service, where its price is mended; the alert stays as it is."""
    return keyboards.tap(texts.bare("button-service-card", id=str(number)), WareCard(service_id=number, new=True))


def approval(notice: ApprovalNotice, texts: Texts) -> Screen:
    """A step that waits for the reader, or what became of the reader's own."""
    step = texts(f"ask-{notice.code}", **actions.rich(notice.params))
    head = texts("approval-head", state=notice.state, by=notice.by)
    waits = notice.state == "waiting"
    return Screen(lines(head, "", step), keyboards.approve(texts, notice.approval_id, alone=True) if waits else None)


def audited(notice: Audited, texts: Texts) -> Screen:
    """What the audit found that the reader asked for."""
    return verdict(texts, datetime.fromisoformat(notice.at), notice.breaches)


def verdict(texts: Texts, at: datetime | None, breaches: Sequence[str]) -> Screen:
    """What an audit found, the answer first; `at` is None before the first."""
    button = keyboards.tap(texts.bare("button-audit"), callbacks.AuditNow())
    if at is None:
        return Screen(texts("sales-never-audited"), keyboards.stack([button]))
    told: list[str] = [texts("audit-holds", at=at)]
    if breaches:
        told = [texts("audit-broken", count=len(breaches), at=at), ""]
        told += [texts("sales-broken", invariant=brief(invariant, 120)) for invariant in breaches[:SHOWN]]
        told += ["", texts("audit-advice")]
    return Screen(lines(*told), keyboards.stack([button]))
