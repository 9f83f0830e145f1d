"""What every figure stands on: Axes of its own, colours, and the file it is written to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ticker import FuncFormatter

from scfcost.core.errors import ConfigError
from scfcost.core.files import whole
from scfcost.core.language import _
from scfcost.plots.style import Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREY, DARK = "#0072B2", "#D55E00", "#8A8A8A", "#222222"
"""Colours of Okabe and Ito, told apart by every kind of sight."""
GREEN, SKY, YELLOW, PINK = "#009E73", "#56B4E9", "#F0E442", "#CC79A7"
"""More of them."""
ROW = 0.55
"""Height of a bar that lies, and its share of the figure. [inch]"""
NAME = 26
"""Characters of its name on one line. [1]"""
SUFFIXES = (".png", ".svg", ".pdf")
"""How a figure's file may end."""
_WIDTH, _HEIGHT = 8.0, 5.0


def new_axes(width: float = _WIDTH, height: float = _HEIGHT) -> Axes:
    """Return the Axes of a figure of its own, which touches no global state. [inch]

    Parameters
    ----------
    width, height : float
        Size of the figure. [in]
    """
    figure = Sheet(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def new_pair() -> tuple[Axes, Axes]:
    """Return two Axes beside each other, of a figure of their own."""
    figure = Sheet(figsize=(1.5 * _WIDTH, _HEIGHT), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, sharey=True)
    return left, right


def check_suffix(path: Path) -> None:
    """Refuse a file that no figure can be written to, before any work is done.

    Raises
    ------
    ConfigError
        If the suffix is not one of `SUFFIXES`.
    """
    if path.suffix not in SUFFIXES:
        raise ConfigError(f"{path}: a figure is written as {', '.join(SUFFIXES)}")


def save(axes: Axes, path: Path) -> None:
    """Write the figure of some Axes as PNG, SVG or PDF, by the suffix; the file is whole or not there.

    Parameters
    ----------
    axes : Axes
        A figure's axes.
    path : Path
        Where it is written; the suffix says in which form.

    Raises
    ------
    ConfigError
        If the suffix is none of these, or the file cannot be written.
    """
    check_suffix(path)
    figure = axes.get_figure()
    with whole(path, ConfigError) as part:
        figure.savefig(part, dpi=150, format=path.suffix[1:])  # type: ignore[union-attr]


def thousands() -> FuncFormatter:
    """Return what writes the numbers of an axis with thousands separated."""
    return FuncFormatter(lambda value, _place: f"{value:,.0f}" if value == int(value) else f"{value:,g}")


def percents() -> FuncFormatter:
    """Return what writes the shares of an axis as per cent."""
    return FuncFormatter(lambda share, _place: percent(share))


def percent(share: float) -> str:
    """Show a share as per cent, with as many decimals as it needs, up to four."""
    return _("{share} %").format(share=f"{share * 100:.4f}".rstrip("0").rstrip(".") or "0")


def plain_name(name: str) -> str:
    """Return a name from a trace or a price book as text that matplotlib does not take for mathematics."""
    return name.replace("$", r"\$")
