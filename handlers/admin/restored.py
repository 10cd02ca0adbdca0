"""After a backup was brought back: what is to be compared, and the yes of an owner that all of it is."""

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers import callbacks, keyboards, screens
from handlers.admin import confirm, gate
from handlers.admin.confirm import Step
from handlers.admin.gate import Acting
from handlers.i18n import Html, Texts
from handlers.screens import Screen, lines
from services import reconciling, restoring, staff
from services.approvals import Asked
from services.db import Database, WriteSession
from services.reconciling import Comparing
from services.restoring import Span
from services.roles import Role


def router() -> Router:
    """The button under the alert, and the one under what it shows."""
    router = Router(name="admin-restored")
    gate.button(router, callbacks.Compare, show, Role.READER)
    gate.button(router, callbacks.Compared, ask, Role.OWNER)
    return router


async def show(query: CallbackQuery, db: Database, texts: Texts) -> None:
    """What is not known of each provider, and what helps to find it out."""
    async with db.read() as session:
        comparing = await reconciling.current(session)
        spans = [] if comparing is None else await restoring.spans(session, comparing)
    await screens.toast(query)
    await screens.show(query, _screen(texts, comparing, spans), new=True)


def _screen(texts: Texts, comparing: Comparing | None, spans: list[Span]) -> Screen:
    if comparing is None:
        return Screen(texts("comparing-over"))
    taken, restored = comparing.taken_at, comparing.restored_at
    parts: list[str] = [texts("comparing-title", taken=taken, restored=restored)]
    for span in spans:
        parts += ["", texts("comparing-provider", provider=span.provider, taken=taken, restored=restored)]
        parts += _hints(texts, span)
    refresh = keyboards.tap(texts.bare("button-refresh"), callbacks.Compare())
    done = keyboards.tap(texts.bare("button-compared"), callbacks.Compared(), "success")
    return Screen(lines(*parts), keyboards.stack([refresh], [done]))


def _hints(texts: Texts, span: Span) -> list[Html]:
    hints = [texts("comparing-doubts", count=span.doubted)]
    if span.last is not None:
        hints.append(texts("comparing-last", order=span.last))
    if span.balance_then is not None and span.balance_now is not None:
        hints.append(texts("comparing-balance", before=str(span.balance_then), after=str(span.balance_now)))
    return hints


async def ask(query: CallbackQuery, db: Database, acting: Acting) -> None:
    """Sure?"""
    async with db.read() as session:
        comparing = await reconciling.current(session)
        spans = [] if comparing is None else await restoring.spans(session, comparing)
    if comparing is None:
        await screens.toast(query)
        return await screens.show(query, Screen(acting.texts("comparing-over")))
    return await confirm.ask(query, COMPARED, {"count": sum(span.doubted for span in spans)}, acting, db)


async def _take(write: WriteSession, asked: Asked, acting: Acting) -> Screen:
    admin, now = acting.admin, acting.now
    others = await staff.others(write, than=admin.id, least=Role.MANAGER, owners=acting.settings.admin_ids)
    key, by = f"compared:{asked.id}", f"{admin.name}, {admin.id}"
    await restoring.finish(write, actor=acting.actor, key=key, by=by, others=others, now=now)
    return Screen(acting.texts("comparing-over"))


COMPARED = Step("compared", Role.OWNER, _take)
