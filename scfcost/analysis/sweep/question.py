"""What is asked of a trace before a setting is recommended, and the settings that are tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scfcost.analysis.evaluate import compare_setting
from scfcost.analysis.known import Unknown, knows_silences, not_known
from scfcost.analysis.sweep.choose import Population
from scfcost.analysis.sweep.constraints import Constraints
from scfcost.analysis.sweep.grid import Axes, grid_of, replays_each
from scfcost.analysis.sweep.sizing import placements
from scfcost.analysis.sweep.sweep import SweepResult, cost_column, row_of, sweep_over
from scfcost.billing.terms import Pricing, Terms
from scfcost.catalog.limits import common_range
from scfcost.catalog.schema import PriceBook
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.core.units import MS_PER_SECOND
from scfcost.lifecycle.environment import Platform
from scfcost.trace.assumption import point
from scfcost.trace.censoring import describe, is_bound
from scfcost.trace.model import Trace


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a trace, the present settings, and what can be borne."""

    trace: Trace
    function: FunctionConfig
    constraints: Constraints
    pricing: Pricing
    """Without limits: what quota and burst refuse is no part of the bill by which settings are compared."""
    terms: Terms
    limits: Platform
    """What the platform would refuse, which is told beside the choice."""
    allow_unverified: bool = False
    """Whether timeouts outside what the vendor documents are tried."""

    @property
    def knows_silences(self) -> bool:
        """Whether it is known whom a timeout cuts off."""
        return knows_silences(has_messages=self.trace.has_messages, configs=[self.function])

    @property
    def population(self) -> Population:
        """What the harm of a setting relates to."""
        return Population.of(self.trace, requests=self.function.function_type != "web-ws")

    def about(self, function: FunctionConfig) -> Question:
        """Ask the same of other settings."""
        return replace(self, function=function)

    def swept(self, trace: Trace, axes: Axes, progress: Callable[[float], None] | None = None) -> SweepResult:
        """Sweep; where an instance holds several connections, under both placements, each row the dearer of the two.

        Parameters
        ----------
        trace : Trace
            The trace, or a part of it.
        axes : Axes
            The timeouts.
        progress : callable, optional
            Called with the share of the work done.
        """
        at_once = not (self.function.is_coupled or self.function.provisioned_schedule)
        if at_once:  # the dearer of the two is the one with more busy time: a walk of the trace serves both
            return self._swept(trace, self.function, axes, progress, dearer=True)
        one, *other = (self._swept(trace, config, axes, progress) for config in placements(self.function))
        for result in other:
            cost = cost_column(one.frame)
            dearer = result.frame[cost] > one.frame[cost]
            frame = one.frame.copy()
            frame.loc[dearer] = result.frame.loc[dearer]
            one = replace(one, frame=frame)
        return one

    def _swept(
        self,
        trace: Trace,
        config: FunctionConfig,
        axes: Axes,
        progress: Callable[[float], None] | None,
        *,
        dearer: bool = False,
    ) -> SweepResult:
        grid = grid_of(axes, config, self.pricing)
        return sweep_over(trace, replace(grid, dearer=dearer), progress=progress)

    def grid(self, trace: Trace, progress: Callable[[float], None] | None = None) -> SweepResult:
        """Sweep over every pair of timeouts that is tried.

        Parameters
        ----------
        trace : Trace
            The trace, or a part of it.
        progress : callable, optional
            Called with the share of the work done.
        """
        dense = not replays_each(self.function, trace)
        idle, execution = candidate_axes(
            self.terms.book, self.function, allow_unverified=self.allow_unverified, dense=dense
        )
        return self.swept(trace, Axes(idle, execution), progress)

    def at(self, trace: Trace, function: FunctionConfig) -> dict[str, Any]:
        """Return the row of one setting.

        Parameters
        ----------
        trace : Trace
            The trace, or a part of it.
        function : FunctionConfig
            The setting.
        """
        axes = Axes([function.idle_timeout_ms], [function.exec_timeout_ms])
        return row_of(self.swept(trace, axes).frame, 0)

    def allowed(self, result: SweepResult) -> NDArray[np.bool_]:
        """Whether each setting is documented, unless that does not matter, and fits its memory."""
        frame = result.frame
        tried = np.ones(len(frame), np.bool_) if self.allow_unverified else frame["valid"].to_numpy(dtype=np.bool_)
        return tried & frame["fits_memory"].to_numpy(dtype=np.bool_) if "fits_memory" in frame.columns else tried


def ask(
    trace: Trace,
    function: FunctionConfig,
    constraints: Constraints | None = None,
    pricing: Pricing | None = None,
    *,
    allow_unverified: bool = False,
) -> Question:
    """Put a question.

    Parameters
    ----------
    trace : Trace
        n connections.
    function : FunctionConfig
        The present settings; `reconnect` must be stated where there are silences.
    constraints : Constraints, optional
        What can be borne; anything otherwise.
    pricing : Pricing, optional
        As in `estimate`.
    allow_unverified : bool
        Whether to try timeouts outside what the vendor documents.

    Raises
    ------
    ConfigError
        If the reconnect policy is not stated.
    """
    if function.reconnect is None and function.function_type == "web-ws":
        raise ConfigError(
            "what clients do after a cut decides the answer: state --reconnect none, on-demand or immediate"
        )
    pricing = pricing or Pricing()
    limits = replace(pricing.platform(pricing.terms()), refuses=False)
    pricing = replace(pricing, quota_mb=None, burst_per_minute=None, on_quota="report")
    return Question(trace, function, constraints or Constraints(), pricing, pricing.terms(), limits, allow_unverified)


def candidate_axes(
    book: PriceBook, function: FunctionConfig, *, allow_unverified: bool, dense: bool = True
) -> tuple[list[int], list[int]]:
    """Return the timeouts that are tried, and the present ones. [ms]

    Parameters
    ----------
    book : PriceBook
        Whose ranges bound them.
    function : FunctionConfig
        The present settings.
    allow_unverified : bool
        Whether to go beyond what every page of the vendor allows.
    dense : bool
        Whether to try many, as where one pass prices them all.
    """
    low, high = common_range(book.limits.idle_timeout_s)
    least, most = common_range(book.limits.exec_timeout_s)
    if allow_unverified:
        low, high = (
            pick(getattr(r, end) for r in book.limits.idle_timeout_s)
            for pick, end in ((min, "lowest"), (max, "highest"))
        )
        most = max(most, high)
    step = (5, 30) if dense else (60, 180)
    idle = {*range(int(low), 61, 1 if dense else 10), *range(60, 601, step[0]), *range(600, int(high) + 1, 300)}
    execution = {*range(60, 901, step[1]), *range(900, int(most) + 1, 300), int(most)}
    if function.function_type != "web-ws":
        idle = set()
    idle_ms = {one * MS_PER_SECOND for one in idle if low <= one <= high} | {function.idle_timeout_ms}
    exec_ms = {one * MS_PER_SECOND for one in execution if least <= one <= most} | {function.exec_timeout_ms}
    return sorted(idle_ms), sorted(exec_ms)


def not_known_of(question: Question, tried: SweepResult | None = None) -> tuple[Unknown, ...]:
    """Return what the input of a question does not tell.

    Parameters
    ----------
    question : Question
        What is asked.
    tried : SweepResult, optional
        Every setting that is compared: one that delivers has traffic where the present one has none.
    """
    trace, function = question.trace, question.function
    configs = dict.fromkeys(trace.functions, function)
    case = compare_setting(point(trace, configs), configs, question.terms, question.terms.platform())
    bounds = is_bound(trace, function.idle_timeout_ms, function.exec_timeout_ms)
    bill = case.monthly or case.bill
    sends = tried is not None and bool((tried.frame["egress_bytes"] > 0).any())
    return not_known(
        [function], question.terms, has_messages=trace.has_messages, warnings=trace.provenance.warnings,
        bill=None if sends and not bill.unknown else bill, censored=describe(trace) if bounds else None,
    )  # fmt: skip


def with_timeouts(function: FunctionConfig, row: Mapping[str, Any]) -> FunctionConfig:
    """Return settings with the timeouts of a row of a sweep.

    Parameters
    ----------
    function : FunctionConfig
        The settings.
    row : mapping
        The row.
    """
    return function.replace(idle_timeout_s=row["idle_timeout_s"], exec_timeout_s=row["exec_timeout_s"])
