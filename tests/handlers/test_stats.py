"""/stats: the answer first, the money by the day it moved, in words, as a picture and as a table."""

import asyncio
import csv
import io
import struct
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from handlers import callbacks
from handlers.admin import chart
from handlers.i18n import Texts
from services.money import Money
from tests.handlers.phone import Phone
from tests.scripted_panel import row
from tests.shop import Shop


@pytest.fixture
async def traded(shop: Shop) -> None:
    """A day of the shop: one order completed, one stopped at 600 of 1,000, both for $10.00 that cost $8.00."""
    for place, answer in enumerate((row("Completed", "0"), row("Partial", "400")), start=1):
        await shop.placed()
        shop.north.rows[str(place)] = answer
    await shop.poll()


async def test_the_glance_is_short_and_says_first_that_all_is_well(ada: Phone, shop: Shop, traded: None) -> None:
    said = (await ada.say("/stats")).text
    assert said.splitlines() == [
        "🟢 Everything is all right",
        "",
        "📊 Today, May 4, 2026",
        "Revenue $16.00 · profit $3.20",
        "Cost $12.80",
        "Refunds $4.00",
        "",
        "🛒 Orders: 2",
        "· 1 completed",
        "· 1 partial",
        "Ended: 2, 1 of them Partial (50 %)",
        "👥 Customers: 3 new, 1 active",
        "",
        "🏆 Top services",
        "· Instagram Likes · Real A: $16.00 (2)",
        "",
        "⏱ Under way: 0 to be sent, 0 at panels",
        "Oldest message waits 0 sec",
        "Sales are on",
        "Books not audited yet",
    ]
    assert max(map(len, said.splitlines())) <= 44


async def test_the_glance_names_what_needs_somebody(ada: Phone, shop: Shop) -> None:
    shop.north.adds = ["drop"]
    await shop.buy()
    await shop.submit()
    shop.wait(minutes=5)
    await shop.sweep()
    await shop.sell(on=False)
    said = (await ada.say("/stats")).text
    assert said.startswith(
        "🔴 This needs you\n• Sales are stopped: /sales\n• One order: nobody knows whether the panel has it: /unknown\n"
    )
    assert "🔴 Sales are stopped" in said


async def test_a_shop_closed_for_maintenance_is_not_all_right(ada: Phone) -> None:
    await ada.say("/maintenance on we are moving")
    assert "• The shop is closed to customers: /maintenance" in (await ada.say("/stats")).text


async def test_each_period_is_one_tap_away_and_drawn_in_place(ada: Phone, shop: Shop, traded: None) -> None:
    shop.wait(days=1)
    shown = await ada.say("/stats")
    assert "Revenue $0.00" in shown.text
    await ada.tap("Yesterday")
    assert ada.last is shown
    assert "📊 Yesterday, May 4, 2026\nRevenue $16.00" in shown.text
    assert "Yesterday" not in shown.labels
    await ada.tap("7 days")
    assert "📊 Apr 29, 2026 – May 5, 2026\nRevenue $16.00" in shown.text
    assert len(ada.messages) == 1


async def test_days_are_typed_as_they_are_written(ada: Phone, shop: Shop, traded: None) -> None:
    shop.wait(days=3)
    assert "📊 May 4, 2026\nRevenue $16.00" in (await ada.say("/stats 2026-05-04")).text
    assert "📊 May 5, 2026 – May 6, 2026\nRevenue $0.00" in (await ada.say("/stats 2026-05-05..2026-05-06")).text
    assert "📊 This month, from May 1, 2026\nRevenue $16.00" in (await ada.say("/stats Month")).text


@pytest.mark.parametrize("typed", ["/stats tomorrow", "/stats 2026-05-06..2026-05-05", "/export orders 2026-06-01"])
async def test_what_is_no_period_is_told_with_those_there_are(ada: Phone, typed: str) -> None:
    assert "is no period I know. It is today, yesterday, 7d" in (await ada.say(typed)).text


async def test_a_forged_period_changes_nothing(ada: Phone) -> None:
    shown = await ada.say("/stats")
    said = await ada.press(callbacks.Stats(period="9999d").pack(), shown)
    assert said == ("That period is over. Please choose another.", True)


async def test_a_balance_is_told_with_how_long_it_lasts(texts: Texts) -> None:
    from handlers.admin.stats import _purse
    from services.purses import Purse

    now, hours = datetime(2026, 5, 4, tzinfo=UTC), timedelta(hours=1)
    purse = Purse("north", "45.10", "USD", None, Money(1), 12 * hours, 3, None, None)
    assert str(_purse(texts, purse, 24 * hours, now)) == "· north: 45.10 USD, ⚠️ only 12 hr"
    assert str(_purse(texts, purse, 12 * hours, now)) == "· north: 45.10 USD, lasts 12 hr"
    idle = Purse("north", None, None, None, Money(0), None, 3, None, None)
    assert str(_purse(texts, idle, 24 * hours, now)) == "· north: –, nothing spent"
    silent = Purse("north", "1", None, None, Money(0), None, 3, "key", now - 2 * hours)
    assert str(_purse(texts, silent, 24 * hours, now)) == "· north: 1, ⛔️ refuses our key for 2 hr"


async def test_the_table_has_a_row_for_each_step_that_has_begun(ada: Phone, shop: Shop, traded: None) -> None:
    await ada.say("/stats 7d")
    await ada.tap("📄 CSV")
    assert ada.last.file_name == "stats-2026-04-28-2026-05-04.csv"
    assert ada.last.file is not None
    rows = list(csv.DictReader(io.StringIO(ada.last.file.decode("utf-8-sig"))))
    assert [row["from_utc"][:10] for row in rows][::6] == ["2026-04-28", "2026-05-04"]
    assert rows[-1] == {
        "from_utc": "2026-05-04 00:00:00+00:00",
        "profit": "3.20",
        "cost": "12.80",
        "kept": "16.00",
        "lost": "0.00",
        "refunded": "4.00",
        "placed": "2",
        "completed": "1",
        "partial": "1",
        "canceled": "0",
        "joined": "3",
    }
    await ada.say("/stats")
    await ada.tap("📄 CSV")
    assert ada.last.file is not None
    assert len(ada.last.file.decode().splitlines()) == 1 + 13


async def test_the_chart_is_a_picture_of_the_right_size_drawn_beside_the_loop(
    ada: Phone, shop: Shop, traded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    turns = 0

    def draw(drawn: chart.Drawn, draw: object = chart.draw) -> bytes:
        threads.append(threading.current_thread())
        return draw(drawn)  # type: ignore[operator,no-any-return]

    async def live() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.005)

    monkeypatch.setattr(chart, "draw", draw)
    await ada.say("/stats 30d")
    async with asyncio.TaskGroup() as group:
        alive = group.create_task(live())
        await ada.tap("📈 Chart")
        alive.cancel()
    assert threads
    assert threads[0] is not threading.main_thread()
    assert turns >= 3
    picture = ada.last.file
    assert picture is not None
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == (chart.WIDTH, chart.HEIGHT)
    assert len(picture) < 1024 * 1024
    assert ada.last.text.splitlines() == [
        "Apr 5, 2026 – May 4, 2026",
        "Revenue $16.00 · profit $3.20",
        "Cost $12.80",
        "Refunds $4.00",
    ]


def test_a_chart_of_nothing_and_of_losses_is_drawn_too() -> None:
    words = ("Revenue", "Profit", "Refunds")
    nothing = chart.Drawn("$0.00 $", "$1 – $2", words, ("a",), ((0, 0, 0),), str)
    losses = chart.Drawn("t", "s", words, ("a", "b"), ((5_000_000, -3_000_000, 1), (2**60, 2**60, 2**60)), str)
    for drawn in (nothing, losses):
        assert struct.unpack(">II", chart.draw(drawn)[16:24]) == (chart.WIDTH, chart.HEIGHT)


def test_the_bot_starts_without_what_draws() -> None:
    """Whoever never looks at a chart pays nothing for it."""
    import subprocess

    program = "import sys, bot.app; print(*sorted({'matplotlib', 'numpy', 'PIL'} & set(sys.modules)))"
    root = Path(__file__).parent.parent.parent
    ran = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
