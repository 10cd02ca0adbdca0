"""/backup: an owner sees the last backups and where a new one goes, makes it with one tap, and hears how it ended."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.settings import Settings
from handlers import notices
from handlers.i18n import Texts
from services import actions, backups
from services.backup_notices import BackupNotice
from tests.handlers.conftest import TOKEN
from tests.handlers.phone import Phone
from tests.shop import ADMIN, Shop

Deliver = Callable[[], Awaitable[None]]
PASSPHRASE = "a passphrase of the tests"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        bot_token=TOKEN,
        admin_ids=frozenset({ADMIN}),
        backup_folder=tmp_path / "backups",
        backup_passphrase=PASSPHRASE,
    )


async def worked(shop: Shop, terms: backups.Terms) -> None:
    assert await backups.work(shop.db, terms, shop.policy, {ADMIN}, shop.now) is not None


async def test_it_says_where_a_new_one_goes_and_one_tap_makes_it(
    ada: Phone, shop: Shop, settings: Settings, deliver: Deliver, tmp_path: Path
) -> None:
    told = await ada.say("/backup")
    assert told.text.splitlines() == [
        "💾 Backups",
        "",
        "There is no backup yet.",
        "",
        f"A new one goes to {tmp_path}/backups on the shop's machine, where the last 14 are kept.",
        "🔐 It is encrypted with BACKUP_PASSPHRASE, and every owner gets it here as a document, up to 49 MB.",
    ]
    await ada.tap("💾 Back up now")
    assert ada.last.text.startswith("⏳ A backup is being made.")
    await ada.tap("💾 Back up now", told)
    assert ada.last.text.startswith("⏳ One is being made already.")
    assert "⏳ May 4, 2026, 12:00 UTC · being made" in (await ada.say("/backup")).text
    await worked(shop, settings.backups)
    await deliver()
    assert ada.last.text.startswith("✅ Backup of May 4, 2026, 12:00 UTC · ")
    assert "People: 3 · orders: 0 · transfers: 1" in ada.last.text
    assert "The copy is whole, and its books hold: 15 checks passed." in ada.last.text
    assert "🔐 Encrypted. Bring it back with python -m bot restore and the passphrase." in ada.last.text
    [line] = [line for line in (await ada.say("/backup")).text.splitlines() if line.startswith("✅")]
    assert line.endswith(" KB · encrypted")
    assert PASSPHRASE not in "".join(shown.text for shown in ada.messages)
    async with shop.db.read() as session:
        assert [done.code for done in await actions.history(session, limit=9)] == ["backup"]
    assert "Ada: a backup was asked for" in (await ada.say("/log")).text


async def test_why_one_failed_is_told_and_listed_newest_first(
    ada: Phone, shop: Shop, settings: Settings, deliver: Deliver, tmp_path: Path
) -> None:
    await ada.say("/backup")
    await ada.tap("💾 Back up now")
    await worked(shop, settings.backups)
    shop.wait(hours=1)
    (tmp_path / "file").write_text("in the way")
    await ada.tap("💾 Back up now", await ada.say("/backup"))
    await worked(shop, backups.Terms(tmp_path / "file", 14))
    await deliver()
    assert ada.last.text.startswith("❌ There is no new backup\n\nA file could not be read or written: File exists.")
    rows = [line for line in (await ada.say("/backup")).text.splitlines() if " UTC · " in line]
    assert [row[0] for row in rows] == ["❌", "✅"]
    assert rows[0] == "❌ May 4, 2026, 13:00 UTC · A file could not be read or written: File exists."


async def test_without_a_passphrase_it_says_how_to_set_one(
    ada: Phone, shop: Shop, settings: Settings, texts: Texts
) -> None:
    bare = settings.model_copy(update={"backup_passphrase": type(settings.backup_passphrase)("")})
    async with shop.db.write() as session:
        await backups.ask(session, key="1", asked_by="shell", now=shop.now())
    await worked(shop, bare.backups)
    [told] = await shop.heard(ADMIN)
    shown = notices.render(told, texts)
    assert shown.document is None
    assert "🔓 Not encrypted, so it stays on the machine. With a <code>BACKUP_PASSPHRASE</code>" in shown.text


def test_a_sealed_one_goes_along_as_a_document_where_it_is_small_enough(texts: Texts) -> None:
    kept = BackupNotice(1, "kept", "2026-05-04T12:00:00+00:00", "/x/y.sealed", 2_345_678, sealed=True, document=True)
    kept.holds.update(people=1, orders=2, transfers=3, checks=15)
    assert notices.render(kept, texts).document == "/x/y.sealed"
    assert "2.3 MB" in notices.render(kept, texts).text
    large = BackupNotice(1, "kept", kept.at, kept.file, 60_000_000, sealed=True, holds=kept.holds)
    assert notices.render(large, texts).document is None
    assert "too large for Telegram" in notices.render(large, texts).text


def test_one_whose_books_do_not_hold_says_which(texts: Texts) -> None:
    broken = BackupNotice(
        1, "broken", "2026-05-04T12:00:00+00:00", "/x/y.db", 1, broken=["2: each balance equals its transfers"]
    )
    told = notices.render(broken, texts)
    assert "whole, but its books do not hold" in told.text
    assert "• 2: each balance equals its transfers" in told.text
    assert told.document is None


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("disk", "The disk of the backups is full."),
        ("no-tool", "pg_dump is not installed on the shop&#x27;s machine"),
        ("stopped", "The shop was stopped while it was being made."),
    ],
)
def test_every_failure_has_its_sentence(texts: Texts, reason: str, words: str) -> None:
    failed = BackupNotice(1, "failed", "2026-05-04T12:00:00+00:00", reason=reason, said="pg_dump")
    assert words.replace("&#x27;", "'") in notices.render(failed, texts).text
