"""A whole grid of settings on one platform: each row equal to the report for the platform at that setting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from scfcost.analysis.compare.guesses import Guesses
from scfcost.analysis.compare.platform import Priced, Question, all_terms_of, lifecycle_of, priced_on
from scfcost.analysis.compare.row import Traffic, as_known
from scfcost.analysis.compare.settings import NEVER_S, Chosen, check_instances
from scfcost.analysis.known import BYTES, PRICE, SILENCES, TELLS_BYTES, Unknown
from scfcost.analysis.sweep.sweep import COLUMNS, SweepResult
from scfcost.billing.terms import Pricing, Terms
from scfcost.catalog.lifecycle import Lifecycle
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.core.units import MS_PER_HOUR
from scfcost.core.warning import Warned
from scfcost.trace.model import Trace

MOST_REPLAYS = 100_000
"""Settings of one sweep, each of which is replayed. [1]"""


@dataclass(frozen=True, slots=True)
class PlatformAxes:
    """The values that the settings of a sweep take on a platform; an axis that is empty has the platform's own."""

    idle_s: Sequence[float] = ()
    """Idle timeouts. [s]"""
    life_s: Sequence[float] = ()
    """Longest lives of a connection. [s]"""
    memory_mb: Sequence[int] = ()
    """Memories of an instance. [MB]"""
    reconnect: Sequence[str] = ()
    heartbeat_s: Sequence[float] = ()
    """Periods of an injected heartbeat. [s]"""
    max_concurrency: Sequence[int] = ()
    """Connections that an instance holds. [1]"""

    def check(self, lifecycle: Lifecycle) -> None:
        """Refuse an axis of what cannot be set on a platform.

        Raises
        ------
        ConfigError
            If there is such an axis; the message says which.
        """
        fixed = {
            "--idle": self.idle_s and lifecycle.idle_timeout_range_s is None,
            "--exec": self.life_s and lifecycle.max_life_range_s is None,
            "--memory": self.memory_mb and (lifecycle.memory_mb is not None or lifecycle.held is None),
            "--max-concurrency": self.max_concurrency and lifecycle.held is None,
        }
        if names := [name for name, is_fixed in fixed.items() if is_fixed]:
            raise ConfigError(f"{lifecycle.title} does not let one set {' and '.join(names)}: leave it out")
        most = lifecycle.most_held
        if self.max_concurrency and max(self.max_concurrency) > most:
            raise ConfigError(f"--max-concurrency: an instance holds at most {most:,} connections here")

    def settings(self, base: FunctionConfig) -> Iterator[tuple[FunctionConfig, Chosen]]:
        """Yield every setting, in the order of the axes."""
        beats: Sequence[float | None] = self.heartbeat_s or [base.heartbeat_s]
        lives: Sequence[float | None] = self.life_s or [None]
        silences: Sequence[float | None] = self.idle_s or [None]
        outer = product(
            self.memory_mb or [base.memory_mb], self.reconnect or [base.reconnect_policy],
            beats, self.max_concurrency or [base.max_concurrency], lives, silences,
        )  # fmt: skip
        for memory, policy, beat, held, life, idle in outer:
            config = base.replace(memory_mb=memory, reconnect=policy, heartbeat_s=beat, max_concurrency=held)
            yield config, Chosen(idle, life)


def sweep_on(
    trace: Trace,
    axes: PlatformAxes,
    pricing: Pricing,
    function: FunctionConfig | None = None,
    guesses: Guesses | None = None,
    *,
    progress: Callable[[float], None] | None = None,
) -> SweepResult:
    """Price a trace under every setting of a grid on a platform.

    Parameters
    ----------
    trace : Trace
        n connections.
    axes : PlatformAxes
        The values of each axis.
    pricing : Pricing
        The platform's price book by name or file, with region, plan and date.
    function : FunctionConfig, optional
        The settings that are no axis.
    guesses : Guesses, optional
        What is known of handlers and rooms.
    progress : callable, optional
        Called with the share of the work done.

    Returns
    -------
    SweepResult
        One row a setting; of a platform whose objects may hibernate, those that do. Timeouts that it does not have are
        None, and `valid` says whether the setting can be made there.

    Raises
    ------
    CatalogError
        If the book does not say how connections live on its platform.
    ConfigError
        If an axis is of what cannot be set there, or there are too many settings.
    """
    all_terms, settings = grid_on(axes, pricing, function)
    asked = Question(trace, {}, Traffic.of(trace), guesses or Guesses())
    found = []
    for number, (config, chosen) in enumerate(settings):
        own = replace(asked, functions=dict.fromkeys(trace.functions, config), chosen=chosen)
        found.append(next(iter(priced_on(all_terms, own))))
        if progress is not None:
            progress((number + 1) / len(settings))
    return swept(all_terms, settings, found, asked.traffic, trace.provenance.warnings)


def grid_on(
    axes: PlatformAxes, pricing: Pricing, function: FunctionConfig | None = None
) -> tuple[list[Terms], list[tuple[FunctionConfig, Chosen]]]:
    """Return the prices of a platform, and every setting of a grid there.

    Parameters
    ----------
    axes : PlatformAxes
        The values of each axis.
    pricing : Pricing
        The platform's price book by name or file, with region, plan and date.
    function : FunctionConfig, optional
        The settings that are no axis.

    Raises
    ------
    CatalogError, ConfigError
        As in `sweep_on`.
    """
    all_terms = all_terms_of(pricing)
    lifecycle, base = lifecycle_of(all_terms), function or FunctionConfig()
    axes.check(lifecycle)
    check_instances(lifecycle, [base])
    settings = list(axes.settings(base))
    if len(settings) > MOST_REPLAYS:
        text = f"the grid has {len(settings):,} settings, each of which is replayed; take at most {MOST_REPLAYS:,}"
        raise ConfigError(text)
    return all_terms, settings


def swept(
    all_terms: list[Terms],
    settings: Sequence[tuple[FunctionConfig, Chosen]],
    found: Sequence[Priced],
    traffic: Traffic,
    told: Sequence[Warned] = (),
) -> SweepResult:
    """Put the rows of a sweep together.

    Parameters
    ----------
    all_terms : list of Terms
        The prices of the platform and of the services behind it.
    settings : sequence of tuple
        Every setting of the grid.
    found : sequence of Priced
        What each comes to.
    traffic : Traffic
        What the trace comes to without timeouts.
    told : sequence of Warned
        What reading the trace found.
    """
    import pandas as pd

    lifecycle = lifecycle_of(all_terms)
    found = [replace(one, row=as_known(one.row, told)) for one in found]
    rows = [
        _row(one, valid=not list(chosen.faults(lifecycle)))
        for one, (_, chosen) in zip(found, settings, strict=True)
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    extra = [name for name in frame.columns if name not in COLUMNS]
    unknown = tuple(_unknown(found, all_terms[0].book.name, told, has_messages=traffic.has_messages))
    hours = traffic.natural_ms / MS_PER_HOUR
    return SweepResult(frame[[*COLUMNS, *extra]], traffic.sessions, hours, all_terms[0].book.currency, unknown)


def _row(found: Priced, *, valid: bool) -> dict[str, Any]:
    config = next(iter(found.replayed.configs.values()))
    outcome, month, busy_ms = found.outcome, found.row, found.busy_ms
    is_known = found.row.served.undelivered is not None
    harm = ("cut_harmful", "cut_harmless", "messages_lost", "messages_delayed", "pushes_missed", "reconnects")
    ends = {"monthly_least": month.low, "monthly_most": month.high}
    return {
        "idle_timeout_s": None if config.idle_timeout_s >= NEVER_S else config.idle_timeout_s,
        "exec_timeout_s": None if config.exec_timeout_s >= NEVER_S else config.exec_timeout_s,
        "memory_mb": config.memory_mb, "max_concurrency": config.max_concurrency,
        "reconnect": config.reconnect_policy, "invocations": outcome.invocations, "billed_ms": busy_ms,
        "resource_mb_ms": busy_ms * config.memory_mb, "egress_bytes": outcome.egress_bytes,
        **{name: getattr(outcome.impact, name) if is_known else None for name in harm},
        "amount": sum(bill.total for bill in found.recorded), "monthly_amount": month.point, "valid": valid,
        "heartbeat_s": config.heartbeat_s, **ends,
    }  # fmt: skip


def _unknown(found: Sequence[Priced], book: str, told: Iterable[Warned], *, has_messages: bool) -> Iterator[Unknown]:
    if not has_messages:
        yield Unknown(SILENCES, "how long connections are silent, and how many messages there are", "message rows")
        return
    if any(bill.unknown for one in found for bill in one.row.bills):
        text = f"{book} has no price for some of what is used: months are the known part"
        yield Unknown(PRICE, text, "--traffic-price, or a price book of your own")
    if any(one.row.hangs_on_bytes for one in found):
        yield from (Unknown(BYTES, one.message, TELLS_BYTES) for one in told if one.code == "bytes_unknown")
