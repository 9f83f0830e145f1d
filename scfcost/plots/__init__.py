"""Figures, a function each: results in, Axes out. Labelled with units, safe for the colour-blind, no global style.

Every function draws into `axes`, or into a figure of its own where none is given, which `save` writes to a file.
"""

from scfcost.plots.bills import bill_breakdown, comparison
from scfcost.plots.canvas import SUFFIXES, check_suffix, new_axes, save
from scfcost.plots.concurrency import concurrency_over_time
from scfcost.plots.gaps import gap_survival
from scfcost.plots.heatmap import cost_heatmap
from scfcost.plots.lifecycles import lifecycles
from scfcost.plots.platforms import platform_costs
from scfcost.plots.sensitivity import tornado
from scfcost.plots.style import INSTALL, is_readable
from scfcost.plots.timeouts import cost_curve
from scfcost.plots.tradeoff import month_against_harm

__all__ = [
    "INSTALL",
    "SUFFIXES",
    "bill_breakdown",
    "check_suffix",
    "comparison",
    "concurrency_over_time",
    "cost_curve",
    "cost_heatmap",
    "gap_survival",
    "is_readable",
    "lifecycles",
    "month_against_harm",
    "new_axes",
    "platform_costs",
    "save",
    "tornado",
]
