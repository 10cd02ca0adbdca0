"""Draws the course of a period as a picture for a phone: bars of revenue, profit and refunds, large figures, few lines.

Telegram shows photos without transparency, on white or on black: the picture brings a ground of its own that stands on
both. Amounts become pixels here, so this is the one place where they are floats; none goes back into a sum.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from services.money import MICROS, Money

WIDTH, HEIGHT = 1200, 900
"""Pixels: four to one in a chat, where the smallest words, 39 of them high, are still easily read."""
_DPI = 100
_GROUND, _INK, _SOFT, _RULE = "#1d2733", "#ffffff", "#a9b8c6", "#344353"
_COLOURS = ("#5b8def", "#3ecf8e", "#f2a33c")
_LOSS = "#ef5b5b"
LABELS = 6
"""Words under the bars, at most."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The picture in the reader's words; `bars` are (kept, profit, refunded) in micro-units, one for each step."""

    title: str
    subtitle: str
    names: Sequence[str]
    labels: tuple[str, ...]
    bars: tuple[tuple[int, int, int], ...]
    money: Callable[[Money], str]


def draw(drawn: Drawn) -> bytes:
    """A PNG of WIDTH x HEIGHT. Takes a moment, and a second the first time: to be called in a thread."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # a second and 60 MB that only who looks at it pays
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    figure = Figure(figsize=(WIDTH / _DPI, HEIGHT / _DPI), dpi=_DPI, facecolor=_GROUND)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.155, 0.21, 0.825, 0.53), facecolor=_GROUND)
    _bars(axes, drawn)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, min_n_ticks=4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: drawn.money(_rounded(value))))
    axes.grid(axis="y", color=_RULE, linewidth=2)
    axes.set_axisbelow(True)
    axes.axhline(0, color=_SOFT, linewidth=2)
    axes.tick_params(colors=_SOFT, labelsize=28, length=0, pad=12)
    for spine in axes.spines.values():
        spine.set_visible(False)
    _words(figure, drawn)
    written = io.BytesIO()
    figure.savefig(written, format="png", facecolor=_GROUND)
    return written.getvalue()


def _bars(axes: Any, drawn: Drawn) -> None:
    """Profit stands inside revenue, refunds hang below."""
    places = range(len(drawn.bars))
    kept, profit, refunded = ([micros / MICROS for micros in column] for column in zip(*drawn.bars, strict=True))
    axes.bar(places, kept, width=0.78, color=_COLOURS[0])
    axes.bar(places, [-value for value in refunded], width=0.78, color=_COLOURS[2])
    axes.bar(places, profit, width=0.42, color=[_COLOURS[1] if value >= 0 else _LOSS for value in profit])
    if not any((*kept, *profit, *refunded)):
        axes.set_ylim(0, 1)
    every = -(-len(places) // LABELS)
    axes.set_xticks(places[::every], drawn.labels[::every])
    axes.set_xlim(-0.6, len(places) - 0.4)


def _words(figure: Any, drawn: Drawn) -> None:
    """The answer above, the key below."""
    figure.text(0.04, 0.905, _literal(drawn.title), color=_INK, fontsize=46, fontweight="bold", va="center")
    figure.text(0.04, 0.81, _literal(drawn.subtitle), color=_SOFT, fontsize=28, va="center")
    left = 0.04
    for name, colour in zip(drawn.names, _COLOURS, strict=True):
        figure.text(left, 0.06, "■", color=colour, fontsize=34, va="center")
        figure.text(left + 0.045, 0.06, _literal(name), color=_INK, fontsize=30, va="center")
        left += 0.31


def _literal(text: str) -> str:
    """Text between two dollar signs would be taken for mathematics."""
    return text.replace("$", r"\$")


def _rounded(value: float) -> Money:
    return Money(round(value * MICROS))
