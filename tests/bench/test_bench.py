"""The benches measure what they say: a small one of each carries out its work, against its floor."""

import re
from pathlib import Path

from tests.bench import flooding, poll, refunds, reselling
from tests.bench.figures import Figure, table


async def test_a_poll_cycle_is_measured(tmp_path: Path) -> None:
    figures = await poll.measure(tmp_path, 1000)
    assert len(figures) == 2
    assert all(figure.rate > 0 and figure.ratio > 0 for figure in figures)


async def test_refunds_are_measured(tmp_path: Path) -> None:
    figure = await refunds.on_sqlite(tmp_path, 200)
    assert figure.rate > 0
    assert figure.ratio > 0


async def test_the_panel_api_is_measured(tmp_path: Path) -> None:
    figures = await reselling.measure(tmp_path, 16)
    assert len(figures) == 2
    assert all(figure.rate > 0 and figure.ratio > 0 for figure in figures)


async def test_a_flood_is_measured(tmp_path: Path) -> None:
    reply, flood = await flooding.measure(tmp_path, 20)
    assert reply.ratio > 0
    assert 0 < flood.ratio <= 1


def test_the_table_shows_each_figure_beside_its_floor() -> None:
    shown = table([Figure("poll", 12_000.4, "orders/s", 2.56, "raw protocol")])
    assert re.split(" {2,}", shown.splitlines()[-1]) == ["poll", "12,000 orders/s", "2.6", "raw protocol"]
