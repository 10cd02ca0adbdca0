"""Backups from the command line: one made now, beside a running shop."""

import html
import re
from datetime import UTC, datetime
from functools import partial

from bot.settings import LOCALES, Settings
from bot.storage import beside
from handlers import recovery
from handlers.i18n import Catalogue, Texts
from services import actions, backups, staff

_TAG = re.compile(r"<[^>]*>")


async def back_up(settings: Settings) -> tuple[bool, str]:
    """Whether there is a good new backup, and what to say of it. Raises StartRefused."""
    texts, now = _texts(settings), datetime.now(UTC)
    key = f"shell:backup:{now.isoformat()}"
    async with beside(settings) as db:
        async with db.write() as session:
            if await backups.ask(session, key=key, asked_by=staff.SHELL, now=now):
                await actions.record(session, key=key, actor=staff.SHELL, code="backup", now=now)
        clock = partial(datetime.now, UTC)
        made = await backups.work(db, settings.backups, settings.policy, settings.admin_ids, clock)
    if made is None:  # a running shop makes it
        return False, texts.bare("backup-under-way")
    return made.state == backups.WHOLE, plain(recovery.backup(backups.notice(made), texts).text)


def plain(text: str) -> str:
    """A screen's text as a terminal shows it."""
    return html.unescape(_TAG.sub("", text))


def _texts(settings: Settings) -> Texts:
    return Catalogue(LOCALES, settings.default_locale, settings.currency).texts()
