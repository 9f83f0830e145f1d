"""What an interactive report holds: the estimate, and the exact sweep around it that its sliders move through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from scfcost.analysis.capacity.worst import worst_case
from scfcost.analysis.estimate.costliest import dearest
from scfcost.analysis.estimate.estimate import TraceEstimate, estimate
from scfcost.analysis.estimate.insights import insights
from scfcost.analysis.estimate.lead import Again
from scfcost.analysis.forecast.uncertainty import Uncertainty, uncertainty
from scfcost.analysis.sweep.choose import Population
from scfcost.analysis.sweep.grid import OUTCOME, Notice
from scfcost.analysis.sweep.recommend import Recommendation, recommend
from scfcost.analysis.sweep.sweep import SweepResult, cost_column, frontier, sweep
from scfcost.billing.terms import Pricing
from scfcost.catalog.limits import common_range
from scfcost.config.function import RECONNECTS, FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.core.units import MS_PER_SECOND, ms_to_seconds
from scfcost.lifecycle.grid import can_sweep
from scfcost.lifecycle.intervals import ascending
from scfcost.trace.gaps import session_gaps
from scfcost.trace.inputs import TraceLike, takes_trace
from scfcost.trace.model import Trace

if TYPE_CHECKING:
    import pandas as pd

    from scfcost.workload.generate import Plan

SCHEMA = "scfcost.report/1"
"""Name and version of the data in a page."""
MOST_IDLE, MOST_EXEC = 60, 30
"""Timeouts that a page holds, so that it stays small. [1]"""
IDLE_S = (*range(10, 61, 2), *range(65, 121, 5), *range(140, 301, 20), *range(330, 601, 30))
EXEC_S = (30, 60, 90, 120, 150, 180, 210, 240, *range(300, 901, 60))
"""Timeouts that a page offers: dense where they are short. [s]"""
REPLAYED_IDLE_S = (10, 15, 20, 30, 45, 60, 120, 300, 600)
REPLAYED_EXEC_S = (60, 180, 300, 600, 900)
"""The same where every setting has to be replayed by itself. [s]"""
MEMORY_MB = (64, 128, 256, 512, 1024, 2048)
"""Memories that a page offers beside the present one. [MB]"""
BINS = 400
"""Points of a curve. [1]"""
COUNTS = (
    "invocations", "cut_harmful", "cut_harmless", "messages_lost", "messages_delayed", "pushes_missed", "reconnects",
)  # fmt: skip
"""Columns of the sweep that a page shows."""
PLANE = ["reconnect", "max_concurrency", "memory_mb"]
"""Columns that tell one heatmap from another."""


@dataclass(frozen=True, eq=False, repr=False)
class Exploration:
    """An estimate and the settings around it. Made by `explore`."""

    estimate: TraceEstimate
    config: FunctionConfig
    """The present settings, of every function."""
    sweep: SweepResult
    """Settings around it, with outcomes."""
    sureness: Uncertainty | None = None
    """How sure the month is, None where that was not asked for, or cannot be said."""
    advice: Recommendation | None = None
    """What to set, None where that was not asked for, or the reconnect policy is not stated."""
    beside: Any = None
    """What else was asked of the estimate."""

    def __repr__(self) -> str:
        """Return the estimate and the sweep around it, for a console."""
        return f"<Exploration: {self.estimate!r}, {self.sweep!r}>"

    def to_dict(self, again: Again | None = None, function_name: str | None = None) -> dict[str, Any]:
        """Return what a page shows, as plain data; columns of the sweep are strings of numbers with blanks between.

        Parameters
        ----------
        again : callable, optional
            Writes a command that asks another question of the same input; by the source's name otherwise.
        function_name : str, optional
            The function to deploy.
        """
        return {
            "schema": SCHEMA,
            "estimate": self.estimate.to_dict() | self._sureness(),
            "insights": insights(self.estimate, again),
            "advice": None if self.advice is None else self.advice.to_dict(function_name),
            "prices": _prices(self.estimate),
            "sweep": _settings(self.sweep, self.config) | {"messages": Population.of(self.estimate.trace).messages},
            "silences": self._silences(),
            "load": _load(self.estimate),
            "worst_case": _worst(self.estimate),
            "dearest": dearest(self.estimate),
        }

    def _silences(self) -> dict[str, Any] | None:
        trace = self.estimate.trace
        return silences(trace, np.unique(self.sweep.frame["idle_timeout_s"])) if trace.has_messages else None

    def _sureness(self) -> dict[str, Any]:
        return {} if self.sureness is None else {"uncertainty": self.sureness.to_dict()}


@takes_trace
def explore(
    trace: TraceLike,
    function: FunctionConfig | None = None,
    *,
    idle_ms: Sequence[int] | None = None,
    exec_ms: Sequence[int] | None = None,
    memory_mb: Sequence[int] | None = None,
    max_concurrency: Sequence[int] | None = None,
    reconnect: Sequence[str] = RECONNECTS,
    pricing: Pricing | None = None,
    made: Plan | None = None,
    replications: int | None = None,
    advise: bool = False,
    beside: Callable[[TraceEstimate], Any] | None = None,
    progress: Callable[[float], None] | None = None,
    notice: Notice | None = None,
) -> Exploration:
    """Price a trace at the present settings and at those around it.

    Parameters
    ----------
    trace : Trace, files or DataFrame
        n connections.
    function : FunctionConfig, optional
        The present settings, which every function gets; they join each axis.
    idle_ms, exec_ms : sequence of int, optional
        Timeouts; otherwise those that every page of the vendor allows, fewer where each setting is replayed. [ms]
    memory_mb, max_concurrency : sequence of int, optional
        Further axes; the usual sizes, and the present concurrency alone, otherwise. [MB], [1]
    reconnect : sequence of str
        Policies.
    pricing : Pricing, optional
        As in `estimate`.
    made, replications : optional
        As in `uncertainty`; 0 replications leave out how sure the month is.
    advise : bool
        Whether to recommend timeouts too, which join the axes; needs a stated reconnect policy.
    beside : callable, optional
        What else is to be asked of the estimate, in a thread of its own.
    progress, notice : callable, optional
        As in `sweep`.

    Returns
    -------
    Exploration
        The estimate and the sweep around it.

    Raises
    ------
    ConfigError
        If an axis has more values than a page holds.
    """
    base = function or FunctionConfig()
    found = estimate(trace, base, pricing=pricing)
    limits = found.terms.book.limits
    alone = can_sweep(trace, base) and found.platform.sums_suffice({"": base}) and set(max_concurrency or [1]) == {1}
    idle = idle_ms or _within(IDLE_S if alone else REPLAYED_IDLE_S, common_range(limits.idle_timeout_s))
    is_called = base.function_type != "web-ws"  # requests and events have no silence, and nobody comes back
    if is_called:
        idle, reconnect = [base.idle_timeout_ms], [base.reconnect_policy]
    execution = exec_ms or _within(EXEC_S if alone else REPLAYED_EXEC_S, common_range(limits.exec_timeout_s))
    _check_size("idle", idle, MOST_IDLE)
    _check_size("exec", execution, MOST_EXEC)
    with ThreadPoolExecutor(1) as pool:  # on another core than the sweeps, as far as those leave one
        other = pool.submit(_answer, beside, found)
        sure = pool.submit(uncertainty, found, made, replications=replications)
        advice = recommend(trace, base, pricing=pricing) if advise and _is_stated(base) else None
        named = [] if advice is None else [_with(base, row) for row in _named(advice)]
        swept = sweep(
            trace,
            base,
            idle_ms=sorted({*idle, *(one.idle_timeout_ms for one in (base, *named) if not is_called)}),
            exec_ms=sorted({*execution, *(one.exec_timeout_ms for one in (base, *named))}),
            memory_mb=sorted({*(memory_mb or set(MEMORY_MB) & set(limits.memory_mb.sizes)), base.memory_mb}),
            max_concurrency=sorted({*(max_concurrency or ()), base.max_concurrency}),
            reconnect=[one for one in RECONNECTS if one in {*reconnect, base.reconnect_policy}],
            outcomes=True,
            progress=progress,
            notice=notice,
            pricing=pricing,
        )
    return Exploration(found, base, swept, sure.result(), advice, other.result())


def _answer(beside: Callable[[TraceEstimate], Any] | None, found: TraceEstimate) -> Any:
    return None if beside is None else beside(found)


def _is_stated(config: FunctionConfig) -> bool:
    return config.reconnect is not None or config.function_type != "web-ws"


def _named(advice: Recommendation) -> list[dict[str, Any]]:
    return [row for row in (advice.cheapest, advice.balanced, advice.safest) if row is not None]


def _with(config: FunctionConfig, row: dict[str, Any]) -> FunctionConfig:
    return config.replace(idle_timeout_s=row["idle_timeout_s"], exec_timeout_s=row["exec_timeout_s"])


def _within(values_s: Sequence[int], bounds: tuple[float, float]) -> list[int]:
    return [one * MS_PER_SECOND for one in values_s if bounds[0] <= one <= bounds[1]]


def _check_size(name: str, values: Sequence[int], most: int) -> None:
    if len(set(values)) > most:
        raise ConfigError(f"{name}: {len(set(values)):,} values; a page holds at most {most}: take larger steps")


def _prices(found: TraceEstimate) -> dict[str, Any]:
    """Return whose prices they are, since when they are in force, and when the first and the last of them was read."""
    terms = found.terms
    prices = {**terms.period.prices, **terms.book.regions[terms.region].prices}
    read = sorted(price.checked_on.isoformat() for price in prices.values())
    return {
        "catalog": terms.book.name,
        "effective_from": terms.period.effective_from.isoformat(),
        "checked_on": [read[0], read[-1]],
    }


def _settings(found: SweepResult, config: FunctionConfig) -> dict[str, Any]:
    frame = found.frame
    present = (config.reconnect_policy, config.max_concurrency, config.memory_mb)
    counts: list[dict[str, str]] = []
    planes = [_plane(found, key, counts) for key in product(*(frame[name].unique().tolist() for name in PLANE))]
    return {
        "currency": found.currency,
        "cost": cost_column(frame),
        "idle_s": np.unique(frame["idle_timeout_s"]).tolist(),
        "exec_s": np.unique(frame["exec_timeout_s"]).tolist(),
        **{name: frame[name].unique().tolist() for name in PLANE},
        "present": dict(zip(PLANE, present, strict=True))
        | {"idle_s": config.idle_timeout_s, "exec_s": config.exec_timeout_s},
        "codes": [name.removeprefix(OUTCOME) for name in frame.columns if name.startswith(OUTCOME)],
        "planes": planes,
        "counts": counts,
    }


def _plane(found: SweepResult, key: tuple[Any, ...], counts: list[dict[str, str]]) -> dict[str, Any]:
    """Return the amounts of one heatmap; what others count just the same is kept once, in `counts`."""
    rows = found.frame
    for name, value in zip(PLANE, key, strict=True):
        rows = rows[rows[name] == value]
    told = [name for name in rows.columns if name in COUNTS or name.startswith(OUTCOME)]
    own = {name: _joined(rows[name]) for name in told if rows[name].notna().all()}
    if own not in counts:
        counts.append(own)
    amounts = [
        name for name in rows.columns if name.startswith(("amount", "monthly_amount")) and rows[name].notna().all()
    ]
    return {
        "key": "|".join(str(value) for value in key),
        "counts": counts.index(own),
        "valid": _joined(rows["valid"].astype(int)),
        "frontier": frontier(rows),
        **{name: _joined(rows[name]) for name in amounts},
    }


def _joined(values: pd.Series[Any]) -> str:
    return " ".join(str(value) for value in values.tolist())


def silences(trace: Trace, idle_s: Iterable[float] = ()) -> dict[str, Any]:
    """Count the silences that last longer than each of some times, closer together where they are short.

    Parameters
    ----------
    trace : Trace
        n connections with message rows.
    idle_s : iterable of float
        Idle timeouts that are asked about besides. [s]

    Returns
    -------
    dict
        `seconds` [s], `longer` [1], `beyond_idle` (those longer than each idle timeout, [1]) and the number of all
        silences, `total` [1].
    """
    gaps = ascending(session_gaps(trace))
    longest = max(int(gaps[-1]), 1_000)
    edges = np.unique(np.concatenate(([100], np.geomspace(100, longest, BINS).round().astype(np.int64))))
    longer = len(gaps) - np.searchsorted(gaps, edges, side="right")
    some = longer > 0
    return {
        "seconds": [ms_to_seconds(int(one)) for one in edges[some]],
        "longer": longer[some].tolist(),
        "beyond_idle": [_longer(gaps, float(one)) for one in idle_s],
        "total": len(gaps),
        "rows": list(_silence_rows(gaps)),
    }


def _silence_rows(gaps: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield round times and how many silences last longer. [s], [1]"""
    for seconds in (1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600):
        yield seconds, _longer(gaps, seconds)


def _longer(gaps: np.ndarray, seconds: float) -> int:
    """Count the silences, sorted, that last longer than a time."""
    return len(gaps) - int(np.searchsorted(gaps, round(seconds * MS_PER_SECOND), side="right"))


def _worst(found: TraceEstimate) -> dict[str, Any] | None:
    worst = worst_case(found.terms, found.quota_mb)
    return None if worst is None else worst.to_dict() | {"currency": found.terms.book.currency}


def _load(found: TraceEstimate) -> dict[str, Any]:
    steps = found.steps(bins=BINS)
    return {
        "start_s": [ms_to_seconds(int(one)) for one in steps.start_ms],
        "connections": steps.connections.tolist(),
        "instances": steps.instances.tolist(),
        "memory_mb": steps.memory_mb.tolist(),
        "refused": (steps.refused_quota + steps.refused_burst).tolist(),
        "quota_mb": found.quota_mb,
        "time_zone": found.platform.time_zone,
    }
