"""/export: a file that opens everywhere, in which nothing a stranger wrote is a formula."""

import csv
import io
from datetime import UTC, datetime

import pytest
from aiogram.methods import SendDocument

from handlers import tables
from handlers.admin import export
from services import users
from services.money import Money
from tests.handlers.phone import Phone, Shown
from tests.shop import Shop


def rows(shown: Shown) -> list[dict[str, str]]:
    assert shown.file is not None
    return list(csv.DictReader(io.StringIO(shown.file.decode("utf-8-sig"), newline="")))


async def called(shop: Shop, name: str) -> None:
    async with shop.db.write() as session:
        await users.remember(session, user_id=5, name=name, username="@x", language_code=None, now=shop.time)


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", '=HYPERLINK("http://x";"y")']
)
async def test_no_cell_begins_as_a_formula(ada: Phone, shop: Shop, name: str) -> None:
    await called(shop, name)
    [found] = [row for row in rows(await ada.say("/export customers")) if row["id"] == "5"]
    assert found["name"] == f"'{name}"
    assert found["username"] == "'@x"


@pytest.mark.parametrize("name", ["Mia", "a=b", 'say "hi", all', "two\nlines", "مرحبا"])
async def test_any_other_text_is_as_it_was(ada: Phone, shop: Shop, name: str) -> None:
    await called(shop, name)
    [found] = [row for row in rows(await ada.say("/export customers")) if row["id"] == "5"]
    assert found["name"] == name


def test_our_own_figures_stay_figures() -> None:
    moment = datetime(2026, 5, 4, 12, tzinfo=UTC)
    values = (Money.parse("-1.20"), -5, None, True, False, moment)
    assert [tables.cell(value) for value in values] == ["-1.20", "-5", "", "yes", "no", "2026-05-04 12:00:00+00:00"]


def test_a_file_is_as_large_as_it_is_on_its_way() -> None:
    table = tables.Table()
    table.add(["Лайки", "いいね", 7])
    assert table.size == len(table.file())


async def test_a_large_file_has_the_time_that_it_takes(ada: Phone) -> None:
    await ada.say("/export customers")
    assert ada._line.patience[SendDocument] == export.UPLOAD


@pytest.mark.parametrize("kind", ["orders", "ledger", "customers", "services"])
async def test_each_kind_comes_as_a_file_with_its_count(ada: Phone, shop: Shop, kind: str) -> None:
    await shop.placed()
    shown = await ada.say(f"/export {kind} today")
    assert shown.file_name == f"{kind}-2026-05-04-2026-05-04.csv"
    count = len(rows(shown))
    assert count
    assert ("One row" if count == 1 else f"{count} rows") in shown.text


async def test_what_one_file_cannot_hold_is_cut_and_told(
    ada: Phone, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        await shop.placed()
    assert "There is more" not in (await ada.say("/export orders")).text
    monkeypatch.setattr(export, "MOST", 2)
    assert "There is more" not in (await ada.say("/export orders")).text
    monkeypatch.setattr(export, "MOST", 1)
    shown = await ada.say("/export orders")
    assert "One row\n⚠️ There is more than one file can hold." in shown.text
    assert len(rows(shown)) == 1
    monkeypatch.setattr(export, "LARGEST", 10)
    shown = await ada.say("/export orders")
    assert "There is more" in shown.text
    assert rows(shown) == []


async def test_an_export_stands_in_the_log(ada: Phone, shop: Shop) -> None:
    await ada.say("/export services 7d")
    assert "services of 7d as a file, 5 rows" in (await ada.say("/log")).text


@pytest.mark.parametrize(
    ("typed", "said"), [("/export", "Usage: /export orders"), ("/export wallets", "none of these")]
)
async def test_what_was_mistyped_is_told(ada: Phone, typed: str, said: str) -> None:
    assert said in (await ada.say(typed)).text
