"""What is told of resellers in words: applications, what the staff decided, and how their sites' orders fare."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from handlers import amounts, callbacks, cards, keyboards
from handlers.i18n import Texts
from handlers.reseller_buttons import DecideApplication, Desk, Hearing
from handlers.screens import Screen, lines, shown
from services import resellers
from services.reseller_notices import Application, GroupLost, LowBalance, ResellerDay, ResellerDecided, ResellerNews


def application(notice: Application, texts: Texts) -> Screen:
    """Who asks, what they say of themselves, and the two answers."""

    def decided(*, approve: bool) -> DecideApplication:
        return DecideApplication(user_id=notice.user_id, asked=notice.asked, approve=approve)

    named = texts("application-username", username=notice.username) if notice.username else None
    return Screen(
        lines(about(texts, notice.name, notice.user_id, notice.about), named),
        keyboards.stack(
            [
                keyboards.tap(texts.bare("button-application-approve"), decided(approve=True), "success"),
                keyboards.tap(texts.bare("button-application-refuse"), decided(approve=False), "danger"),
            ]
        ),
    )


def about(texts: Texts, name: str, user_id: int, said: str) -> str:
    """Who applied, and what they said of themselves."""
    return lines(
        texts("application-title", name=name, id=str(user_id)),
        "",
        texts("application-about", about=said),
    )


def _decided(notice: ResellerDecided, texts: Texts) -> Screen:
    how = "again" if notice.again else notice.state
    ways = {
        resellers.APPROVED: keyboards.tap(texts.bare("button-reseller"), Desk(new=True), "primary"),
        resellers.SUSPENDED: keyboards.tap(texts.bare("button-help"), callbacks.Go(to="help", new=True)),
    }
    way = ways.get(notice.state, keyboards.menu(texts, new=True))
    return Screen(texts("reseller-told", how=how), keyboards.stack([way]))


def _news(notice: ResellerNews, texts: Texts) -> Screen:
    """No buttons: it stands in groups, too, where taps lead nowhere."""
    delivered = amounts.amount(texts, notice.delivered, notice.unit)
    reference = notice.reference
    return Screen(
        lines(
            texts("reseller-news-corrected", order=str(notice.order_id), status=notice.status)
            if notice.corrected
            else texts("reseller-news-title", order=str(notice.order_id), status=notice.status),
            texts("reseller-news-reference", reference=reference) if reference else None,
            cards.service(texts, notice.service_name, notice.server),
            texts("ordering-link", link=texts("link", url=notice.link, shown=shown(notice.link))),
            texts("reseller-news-count", delivered=delivered, quantity=notice.quantity, remains=notice.remains),
            texts("reseller-news-money", refund=notice.refund, kept=notice.kept, charge=notice.charge)
            if notice.refund
            else texts("reseller-news-charge", charge=notice.charge),
            texts("notice-balance", balance=notice.balance),
        )
    )


def _day(notice: ResellerDay, texts: Texts) -> Screen:
    return Screen(
        lines(
            texts("reseller-day-title", day=texts.day(date.fromisoformat(notice.day))),
            "",
            texts("reseller-day-orders", orders=notice.orders, spent=notice.spent),
            texts("reseller-day-ends", completed=notice.completed, partial=notice.partial, canceled=notice.canceled),
            texts("reseller-day-refunded", refunded=notice.refunded),
            texts("notice-balance", balance=notice.balance),
        )
    )


def _low(notice: LowBalance, texts: Texts) -> Screen:
    wallet = keyboards.tap(texts.bare("button-wallet"), callbacks.Wallet(new=True), "primary")
    told = lines(texts("reseller-low-title", balance=notice.balance, limit=notice.limit), texts("reseller-low-text"))
    return Screen(told, keyboards.stack([wallet]))


def _group_lost(notice: GroupLost, texts: Texts) -> Screen:
    hearing = keyboards.tap(texts.bare("button-desk-hearing"), Hearing(new=True))
    told = lines(texts("group-lost-title", title=notice.title), "", texts("group-lost-text", left=notice.left))
    return Screen(told, keyboards.stack([hearing]))


WORDS: Mapping[type[Any], Callable[[Any, Texts], Screen]] = {
    Application: application,
    ResellerDecided: _decided,
    ResellerNews: _news,
    ResellerDay: _day,
    LowBalance: _low,
    GroupLost: _group_lost,
}
