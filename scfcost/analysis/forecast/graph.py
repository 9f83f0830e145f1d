"""What a graph of open connections tells of a bill, exactly, at most or not at all, and the scenario after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.core.units import MB_MS_PER_GBS, MS_PER_MONTH
from scfcost.trace.metrics import Metrics
from scfcost.workload.graph import Findings, findings_of, scenario_of
from scfcost.workload.quantities import written_duration
from scfcost.workload.schema import Scenario, parse_scenario
from scfcost.workload.writing import lines_of

_SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True)
class GraphFit:
    """A scenario whose open connections follow a graph, with what the graph tells and what it does not."""

    metrics: Metrics
    findings: Findings
    scenario: Scenario
    tables: dict[str, Any]
    notes: dict[str, str]
    function: FunctionConfig
    quota_mb: int | None
    burst_per_minute: int | None

    @property
    def upper_mb_ms(self) -> int:
        """Resource usage of the graph's time, at most. [MB·ms]"""
        return ceil(self.findings.upper_ms * self.function.memory_mb)

    def sentences(self) -> Iterator[str]:
        """Yield what the graph tells, and what it cannot tell."""
        found, memory = self.findings, self.function.memory_mb
        yield (
            f"open connections: {float(found.mean_open):,.1f} on average, {float(found.peak):,.0f} at most, over "
            f"{written_duration(found.window_ms)} in {len(self.metrics.time_ms):,} samples"
        )
        yield from self.metrics.notes
        if found.holes:
            longest = written_duration(found.longest_hole_ms)
            yield f"holes of the graph that are bridged: {found.holes}, the longest {longest}"
        gbs = Decimal(self.upper_mb_ms) / MB_MS_PER_GBS
        month = ceil(Fraction(self.upper_mb_ms * MS_PER_MONTH, found.window_ms * MB_MS_PER_GBS))
        yield (
            f"resource at {memory} MB, at most: {gbs:,f} GBs in this time, {month:,} GBs a month (between two samples "
            "the larger one; timeouts and sharing only take from it)"
        )
        yield self._quota()
        yield from self._burst()
        yield self._life()
        yield (
            "not known: silences, and so what idle timeouts cut; single lives, and so what the execution timeout cuts; "
            "sizes, and so traffic; connections that came and went between two samples"
        )

    def _quota(self) -> str:
        instances = ceil(self.findings.peak / self.function.max_concurrency)
        need = instances * self.function.memory_mb
        text = f"peak: {instances:,} instances of {self.function.memory_mb} MB are {need:,} MB"
        if self.quota_mb is None:
            return f"{text}; the memory quota is not known"
        if need > self.quota_mb:
            return f"{text}, beyond the quota of {self.quota_mb:,} MB"
        return f"{text}, within the quota of {self.quota_mb:,} MB"

    def _burst(self) -> Iterator[str]:
        rate = self.findings.peak_connects
        if rate is not None and self.burst_per_minute is not None:
            minute = ceil(rate * _SECONDS_PER_MINUTE)
            bound = self.burst_per_minute
            if minute > bound:
                yield f"connects: {minute:,} a minute at most, beyond the burst limit of {bound:,} new instances"
            else:
                yield f"connects: {minute:,} a minute at most, within the burst limit of {bound:,} new instances"

    def _life(self) -> str:
        found = self.findings
        if found.mean_life_ms is not None:
            return f"mean life: {written_duration(float(found.mean_life_ms))}, by Little's law"
        if found.most_life_ms is None:
            return "mean life: not known, as the graph tells no connects"
        most = written_duration(float(found.most_life_ms))
        text = "mean life: not known, as the graph tells no connects"
        return f"{text}; with exponential lives of more than {most} on average it could not fall as it does"

    def to_toml(self) -> str:
        """Return the scenario's file, which says first what the graph tells."""
        head = [f"# Fitted to the graph {self.metrics.name}.", *(f"#   {sentence}" for sentence in self.sentences())]
        return "\n".join([*head, *lines_of(self.tables, self.notes)]) + "\n"


def fit_graph(
    metrics: Metrics, name: str, function: FunctionConfig, pricing: Pricing, *, mean_life_ms: int | None = None
) -> GraphFit:
    """Make a scenario whose open connections follow a graph.

    Parameters
    ----------
    metrics : Metrics
        The graph.
    name : str
        What the scenario is called.
    function : FunctionConfig
        Memory of an instance, and connections that it holds.
    pricing : Pricing
        Whose book has the clock, the quota and the burst limit.
    mean_life_ms : int, optional
        Mean life of the connections, where the graph tells no connects. [ms]
    """
    terms = pricing.terms()
    tables, notes = scenario_of(metrics, name, terms.book.time_zone, mean_life_ms)
    scenario = parse_scenario("\n".join(lines_of(tables, {})), name)
    quota = terms.quota_mb() if pricing.quota_mb is None else pricing.quota_mb
    burst = terms.burst_per_minute() if pricing.burst_per_minute is None else pricing.burst_per_minute
    return GraphFit(metrics, findings_of(metrics), scenario, tables, notes, function, quota, burst)
