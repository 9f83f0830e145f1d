"""What every change beyond the timeouts is tried on, and what a change comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from scfcost.analysis.evaluate import Case, compare_setting, compare_settings
from scfcost.analysis.sweep.choose import Harm, Population
from scfcost.analysis.sweep.sizing import placements
from scfcost.billing.terms import Terms
from scfcost.config.function import PLACEMENTS, FunctionConfig
from scfcost.trace.assumption import point
from scfcost.trace.model import Trace

POLICY = {
    "on-demand": "clients that come back with their next message",
    "immediate": "clients that come back at once",
}
"""What a client of each policy does."""


@dataclass(frozen=True, slots=True)
class Lever:
    """A change beyond the timeouts, at the timeouts that are put forward but for those it names."""

    name: str
    """A word or two."""
    change: str
    flags: str
    """The flags that ask for it."""
    row: dict[str, Any]
    """Its setting, amounts and counts, as a row of a sweep."""
    harm: Harm | None
    """What people notice of it; None where that is not known."""

    @property
    def cost(self) -> Decimal:
        """Its month, or the trace's where there is no projection. [currency]"""
        found: Decimal = self.row["amount"] if self.row["monthly_amount"] is None else self.row["monthly_amount"]
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the change as plain data."""
        shares = {} if self.harm is None else self.harm.to_dict()
        return {"name": self.name, "change": self.change, "flags": self.flags, **self.row, **shares}


@dataclass(frozen=True, slots=True)
class Bench:
    """What every change is tried on."""

    trace: Trace
    terms: Terms
    population: Population
    knows_silences: bool
    known: dict[FunctionConfig, Case] = field(default_factory=dict)
    """What was priced already."""

    def price(self, config: FunctionConfig) -> Case:
        """Price a setting of every function, the dearer placement of two."""
        if config not in self.known:
            ways = [config] if config.is_placed_at_once else placements(config)
            self.known[config] = max(map(self._placed, ways), key=lambda case: case.amount)
        return self.known[config]

    def price_all(self, settings: Sequence[FunctionConfig]) -> None:
        """Price several settings in one walk of the trace, where that can be done."""
        platform = self.terms.platform()
        more = [one for one in settings if one not in self.known and platform.sums_suffice({"": one})]
        if more and self.trace.has_messages:
            cases = compare_settings(self.trace, more, self.terms, platform)
            self.known.update(zip(more, cases, strict=True))

    def _placed(self, config: FunctionConfig) -> Case:
        configs = dict.fromkeys(self.trace.functions, config)
        ways = PLACEMENTS if config.is_placed_at_once else ()
        return compare_setting(point(self.trace, configs), configs, self.terms, self.terms.platform(), placements=ways)

    def lever(self, name: str, change: str, flags: str, config: FunctionConfig) -> Lever:
        """Try a change.

        Parameters
        ----------
        name : str
            A word or two.
        change : str
            What changes.
        flags : str
            The flags that ask for it.
        config : FunctionConfig
            The settings with the change.
        """
        case = self.price(config)
        row = row_of(config, case, known=self.knows_silences)
        return Lever(name, change, flags, row, Harm.of(row, self.population) if self.knows_silences else None)


def row_of(config: FunctionConfig, case: Case, *, known: bool) -> dict[str, Any]:
    """Return a setting and what it gives as a row of a sweep; what people notice is None where it is not known.

    Parameters
    ----------
    config : FunctionConfig
        A setting.
    case : Case
        What it gives.
    known : bool
        Whether it is known when connections fell silent.
    """
    impact = case.impact.to_dict() if known else dict.fromkeys(case.impact.to_dict())
    return {
        "idle_timeout_s": config.idle_timeout_s,
        "exec_timeout_s": config.exec_timeout_s,
        "memory_mb": config.memory_mb,
        "max_concurrency": config.max_concurrency,
        "reconnect": config.reconnect_policy,
        "heartbeat_s": config.heartbeat_s,
        "amount": case.bill.total,
        "monthly_amount": None if case.monthly is None else case.monthly.total,
        **{name: value for name, value in impact.items() if name != "cut"},
    }
