"""Names beside points of a figure, each where there is room for it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.patheffects import withStroke

from scfcost.plots.canvas import DARK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GAP = 11.0
"""Between a point and its name. [pt]"""
_LINE = 14.0
"""Height of a line of a name. [pt]"""
_LETTER = 6.2
"""Width of a letter; a wide one takes two. [pt]"""
_DOT = 20.0
"""What a point that a name hides counts. [pt²]"""
Box = tuple[float, float, float, float]
"""Left, bottom, right and top. [pt]"""


def name_points(
    axes: Axes, names: Mapping[tuple[float, float], tuple[str, str]], *, points: np.ndarray, line: np.ndarray
) -> None:
    """Write a name and a line below it beside each point: where it hides no other, and stays within the figure.

    Parameters
    ----------
    axes : Axes
        Where the points are, with its limits set.
    names : mapping of tuple of float to tuple of str
        Name and further words by the place of the point, in data of the axes.
    points, line : ndarray, shape (n, 2)
        Points, and the corners of a line, which names keep clear of where they can.
    """
    per_point = axes.figure.dpi / 72
    frame = axes.get_window_extent()
    inside = (frame.x0 / per_point, frame.y0 / per_point, frame.x1 / per_point, frame.y1 / per_point)
    pixels = {at: axes.transData.transform(at) / per_point for at in names}
    taken = [(x - 8, y - 8, x + 8, y + 8) for x, y in pixels.values()]
    dots = np.concatenate([axes.transData.transform(points), _along(axes.transData.transform(line))]) / per_point
    for at, (name, words) in names.items():
        text = f"{name}\n{words}"
        size = (max(map(_width, text.split("\n"))), 2 * _LINE)
        x, y = pixels[at]
        sides = list(product((1, -1), (1, -1)))
        costs = [_hidden(_box(x, y, size, side), taken, inside, dots) for side in sides]
        side = sides[costs.index(min(costs))]
        taken.append(_box(x, y, size, side))
        axes.annotate(
            text, at, xytext=(side[0] * _GAP, side[1] * _GAP / 2), textcoords="offset points", fontsize=10, color=DARK,
            ha="left" if side[0] > 0 else "right", va="bottom" if side[1] > 0 else "top", annotation_clip=False,
            path_effects=[withStroke(linewidth=3, foreground=mpl.rcParams["axes.facecolor"])], zorder=6,
        )  # fmt: skip


def _along(corners: np.ndarray) -> np.ndarray:
    """Return points close together on the line through some corners. [pixel]"""
    steps = np.linspace(0, 1, 20, endpoint=False)[:, None, None]
    return (corners[:-1] + steps * np.diff(corners, axis=0)).reshape(-1, 2)


def _width(line: str) -> float:
    return sum(_LETTER * (1 if sign.isascii() else 1.7) for sign in line)


def _box(x: float, y: float, size: tuple[float, float], side: tuple[int, int]) -> Box:
    left = x + _GAP if side[0] > 0 else x - _GAP - size[0]
    bottom = y + _GAP / 2 if side[1] > 0 else y - _GAP / 2 - size[1]
    return left, bottom, left + size[0], bottom + size[1]


def _hidden(box: Box, taken: list[Box], inside: Box, dots: np.ndarray) -> float:
    """Return how much of a name would lie on others, on points, or outside. [pt²]"""
    whole = (box[2] - box[0]) * (box[3] - box[1])
    within = ((dots >= box[:2]) & (dots <= box[2:])).all(axis=1).sum()
    return sum(_shared(box, other) for other in taken) + 10 * (whole - _shared(box, inside)) + _DOT * float(within)


def _shared(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)
