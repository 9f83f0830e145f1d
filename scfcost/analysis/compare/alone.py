"""The whole report for one platform: its month line by line, what its timeouts do, and what clients could do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from scfcost.analysis.compare.guesses import Guesses
from scfcost.analysis.compare.job import Deployed
from scfcost.analysis.compare.platform import Outcome, Priced, Question, all_terms_of, lifecycle_of, priced_on
from scfcost.analysis.compare.row import Row, Traffic, as_known
from scfcost.analysis.compare.settings import NEVER_S, Chosen, check_instances
from scfcost.analysis.compare.warnings import warnings_of
from scfcost.analysis.estimate import document
from scfcost.analysis.estimate.estimate import configs_of, other_policies
from scfcost.billing.metering import check_sums
from scfcost.billing.terms import Pricing, Terms
from scfcost.config.function import RECONNECTS, FunctionConfig
from scfcost.core.errors import ConfigError, TraceError
from scfcost.core.money import plain, round_fraction
from scfcost.core.warning import Warned
from scfcost.lifecycle.outcomes import EXEC_TIMEOUT, IDLE_TIMEOUT, OPEN
from scfcost.trace.inputs import TraceLike, takes_trace
from scfcost.trace.model import Trace

SCHEMA = "scfcost.platform/1"
"""Name and version of the JSON document."""


@dataclass(frozen=True, eq=False, repr=False)
class PlatformEstimate:
    """A trace on one platform. Made by `estimate_on`."""

    extent: Mapping[str, Any]
    """What was read, see `document.of_trace`."""
    terms: Terms
    """Price book, period, region and plan of the platform; services behind it have their own."""
    ways: tuple[Priced, ...]
    """One, or one with and one without hibernation."""
    policies: Mapping[str, tuple[Row, ...]]
    """What each reconnect policy would give, a row a way, where the user stated none."""
    warnings: tuple[Warned, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """The month of each way to have the platform."""
        return tuple(one.row for one in self.ways)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document of `scfcost estimate --catalog` on a platform, as plain data."""
        lifecycle = lifecycle_of([self.terms])
        return {
            "schema": SCHEMA,
            "catalog": self.terms.book.name,
            "title": lifecycle.title,
            "period": self.terms.period.name,
            "plan": self.terms.plan,
            "currency": self.terms.book.currency,
            "trace": dict(self.extent),
            "rules": {"source": lifecycle.source, "checked_on": lifecycle.checked_on},
            "functions": {name: _settings(config) for name, config in self.ways[0].replayed.configs.items()},
            "platforms": [self._way(place, one) for place, one in enumerate(self.ways)],
            "warnings": [{"code": one.code, "message": one.message} for one in self.warnings],
        }

    def _way(self, place: int, one: Priced) -> dict[str, Any]:
        is_known = one.row.served.undelivered is not None
        return {
            **one.row.to_dict(),
            "recorded": plain(sum((bill.total for bill in one.recorded), Decimal("0.00"))),
            "ends": _ends(one.outcome) if is_known else None,
            "impact": one.outcome.impact.to_dict() if is_known else None,
            "policies": {name: _policy(rows[place]) for name, rows in self.policies.items()},
        }


@dataclass(frozen=True, slots=True)
class OnPlatform:
    """What is asked of one platform."""

    pricing: Pricing
    function: FunctionConfig
    """Settings of every function that is not named."""
    functions: Mapping[str, FunctionConfig] = field(default_factory=dict)
    """Settings by the name of a function."""
    guesses: Guesses = field(default_factory=Guesses)
    chosen: Chosen = field(default_factory=Chosen)

    def terms(self) -> list[Terms]:
        """Return the prices of the platform and of the services behind it; refuse timeouts that cannot be set there."""
        found = all_terms_of(self.pricing)
        self.chosen.check(lifecycle_of(found))
        return found

    def configs(self, trace: Trace) -> dict[str, FunctionConfig]:
        """Return the settings of each function of a trace."""
        return configs_of(trace, self.function, self.functions)

    def deployed(self, all_terms: list[Terms], reconnect: str | None) -> Deployed:
        """Return the platform with its settings, for a trace that is read in parts.

        Parameters
        ----------
        all_terms : list of Terms
            As `terms` returns them.
        reconnect : str or None
            The policy of every function's clients; as they are set where it is not given.
        """
        changed = {} if reconnect is None else {"reconnect": reconnect}
        named = tuple((name, one.replace(**changed)) for name, one in self.functions.items())
        return Deployed(tuple(all_terms), self.function.replace(**changed), named, self.chosen)


def _settings(config: FunctionConfig) -> dict[str, Any]:
    return {
        "memory_mb": config.memory_mb,
        "idle_timeout_s": None if config.idle_timeout_s >= NEVER_S else config.idle_timeout_s,
        "max_life_s": None if config.exec_timeout_s >= NEVER_S else config.exec_timeout_s,
        "max_concurrency": config.max_concurrency,
        "reconnect": config.reconnect_policy,
        "heartbeat_s": config.heartbeat_s,
    }


def _ends(outcome: Outcome) -> dict[str, int]:
    """Count the connections by what ended them."""
    kinds = {"silence": IDLE_TIMEOUT, "life": EXEC_TIMEOUT, "open": OPEN}
    cut = {name: int(outcome.by_code[code]) for name, code in kinds.items()}
    return {**cut, "natural": outcome.invocations - sum(cut.values())}


def _policy(row: Row) -> dict[str, Any]:
    share = row.served.undelivered
    return {
        "month": plain(row.point),
        "undelivered_share": None if share is None else str(round_fraction(share, 6)),
        "cut": row.served.cut,
    }


@takes_trace
def estimate_on(
    trace: TraceLike,
    pricing: Pricing,
    function: FunctionConfig | None = None,
    *,
    functions: Mapping[str, FunctionConfig] | None = None,
    guesses: Guesses | None = None,
    chosen: Chosen | None = None,
) -> PlatformEstimate:
    """Replay a trace under the rules of a platform, and price what its own meters count.

    Parameters
    ----------
    trace : Trace, files or DataFrame
        Connections as they would live without any timeouts.
    pricing : Pricing
        The platform's price book by name or file, with region, plan and date.
    function : FunctionConfig, optional
        What clients do, memory, and connections an instance, of every function that `functions` does not name; timeouts
        are the platform's, see `chosen`.
    functions : mapping of str to FunctionConfig, optional
        Settings by the name of a function of the trace.
    guesses : Guesses, optional
        What is known of handlers and rooms.
    chosen : Chosen, optional
        Timeouts that are set on the platform, where it lets one; its own otherwise.

    Returns
    -------
    PlatformEstimate
        Month, lines, quantities, outcomes.

    Raises
    ------
    CatalogError
        If the book does not say how connections live on its platform, or knows no such region, plan or date.
    ConfigError
        If a timeout cannot be set there, the window is 0 ms long, or a function is none of the trace.
    """
    asked = OnPlatform(pricing, function or FunctionConfig(), functions or {}, guesses or Guesses(), chosen or Chosen())
    all_terms = asked.terms()
    configs = asked.configs(trace)
    check_instances(lifecycle_of(all_terms), configs.values())
    if not check_sums(trace):
        raise TraceError("the trace is too long or too large to be summed exactly; take a shorter stretch (--window)")
    if any(config.function_type != "web-ws" for config in configs.values()):
        raise ConfigError(
            "platforms are estimated for WebSockets (--function-type web-ws); requests and events are not"
        )
    question = Question(trace, configs, Traffic.of(trace), asked.guesses, asked.chosen)
    if question.traffic.factor is None:
        raise ConfigError("the window is 0 ms long, so there is no month to estimate; give --window")
    ways = tuple(priced_on(all_terms, question))
    others = {
        policy: tuple(priced_on(all_terms, replace(question, functions=stated)))
        for policy, stated in other_policies(configs).items()
    }
    return made(document.of_trace(trace), all_terms, ways, others, trace)


def made(
    extent: Mapping[str, Any],
    all_terms: list[Terms],
    ways: tuple[Priced, ...],
    others: Mapping[str, tuple[Priced, ...]],
    trace: Trace,
) -> PlatformEstimate:
    """Put the report of a platform together.

    Parameters
    ----------
    extent : mapping
        What was read, see `document.of_trace`.
    all_terms : list of Terms
        The prices of the platform and of the services behind it.
    ways : tuple of Priced
        One, or one with and one without hibernation.
    others : mapping of str to tuple of Priced
        The same with each policy that clients may have, where the user stated none.
    trace : Trace
        A trace with the window and what its reading says.
    """
    bills = ways[0].row.bills
    told = tuple(warnings_of(trace, ways[0].replayed.configs, bills, all_terms[0].region))
    ways = tuple(replace(one, row=as_known(one.row, told)) for one in ways)
    rows = {name: tuple(one.row for one in own) for name, own in {RECONNECTS[0]: ways, **others}.items()}
    return PlatformEstimate(extent, all_terms[0], ways, rows if others else {}, told)
