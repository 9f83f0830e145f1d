"""A trace under a whole grid of settings: what each costs and whom it hurts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scfcost.analysis.evaluate import month_factor
from scfcost.analysis.known import PRICE, Unknown, knows_silences, not_known
from scfcost.analysis.sweep.grid import OUTCOME, Axes, Cells, Grid, Notice, grid_of, sums_of
from scfcost.billing.meters import Measured, counted
from scfcost.billing.terms import Pricing, Terms
from scfcost.billing.totals import totals_of
from scfcost.catalog.limits import common_range, is_valid
from scfcost.config.axes import timeouts_axis
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError, ResultError
from scfcost.core.files import whole
from scfcost.core.money import round_ratio
from scfcost.core.text import safe_cell
from scfcost.core.units import MS_PER_HOUR, MS_PER_SECOND, ms_to_seconds
from scfcost.report import html
from scfcost.trace.assumption import HIGH, LOW, POINT
from scfcost.trace.censoring import describe, is_bound
from scfcost.trace.inputs import TraceLike, takes_trace
from scfcost.trace.model import Int64, Trace

if TYPE_CHECKING:
    import pandas as pd

Times = int | float | str | Iterable[int | float | str]
"""Lengths of time as Python gives them: numbers of seconds, or texts such as 15m and 10s:5m:10s."""
COLUMNS = (
    "idle_timeout_s", "exec_timeout_s", "memory_mb", "max_concurrency", "reconnect", "invocations", "billed_ms",
    "resource_mb_ms", "egress_bytes", "cut_harmful", "cut_harmless", "messages_lost", "messages_delayed",
    "pushes_missed", "reconnects", "amount", "monthly_amount", "valid",
)  # fmt: skip
"""Columns of a sweep, in their order; a heartbeat axis and the bounds of a trace without messages add theirs."""
HARM = ("cut_harmful", "cut_harmless", "messages_lost", "messages_delayed", "pushes_missed", "reconnects")
"""Columns that are empty where it is not known when connections fell silent."""
NOTICED = ("messages_lost", "pushes_missed", "messages_delayed")
"""Columns of the messages that people miss or wait for."""
BOUNDS = ("billed_ms_low", "billed_ms_high")
"""Columns that a sweep adds where instances hold several connections: what any placement lies between. [ms]"""
REFUSALS = ("refused", "gave_up")
"""Columns that a sweep adds where connections are refused: attempts, and sessions that ended so."""
_ENDS = ("invocations_low", "invocations_high")
_MONEY = ("amount", "monthly_amount", "amount_low", "amount_high", "monthly_amount_low", "monthly_amount_high")


@dataclass(frozen=True, eq=False, repr=False)
class SweepResult:
    """One row a setting, in the order of the axes. Made by `sweep`."""

    frame: pd.DataFrame
    sessions: int
    """Sessions of the trace, to which cuts relate. [1]"""
    natural_hours: float
    """Hours of natural session life, to which reconnects relate. [h]"""
    currency: str
    not_known: tuple[Unknown, ...] = ()
    """What the input does not tell."""
    function_type: str = "web-ws"
    """Of requests and events, each that is cut brings no answer: these are what people notice of a setting."""

    def __len__(self) -> int:
        return len(self.frame)

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a DataFrame, amounts as Decimal."""
        return self.frame.copy()

    def at(self, **setting: Any) -> dict[str, Any]:
        """Return the one row at a setting, such as `at(idle_timeout_s=30, exec_timeout_s=900)`.

        Raises
        ------
        ConfigError
            If no row, or more than one, has these values.
        """
        rows = self.frame
        for name, value in setting.items():
            if name not in self.frame.columns:
                raise ConfigError(f"{name} is no column of the sweep; it has {', '.join(self.frame.columns)}")
            rows = rows[rows[name] == value]
        if len(rows) != 1:
            found = "no setting" if rows.empty else f"{len(rows)} settings"
            raise ConfigError(f"{found} at {', '.join(f'{k}={v}' for k, v in setting.items())}; name one of each axis")
        return row_of(rows, 0)

    def pareto(self, against: str | None = None, *, valid_only: bool = False) -> pd.DataFrame:
        """Return the settings that nothing beats in both cost and harm, the cheapest first.

        Parameters
        ----------
        against : str, optional
            The column that stands for harm, such as "reconnects"; the messages that are lost, missed or late otherwise,
            and of requests and events those that are cut.
        valid_only : bool
            Whether to keep to what the platform documents.
        """
        if against is not None and against not in self.frame.columns:
            raise ConfigError(f"{against} is no column of the sweep")
        if against is None and self.function_type != "web-ws":
            against = "cut_harmful"
        rows = self.frame[self.frame["valid"]] if valid_only else self.frame
        return rows.iloc[frontier(rows, against)].reset_index(drop=True)

    def plot(self, **options: Any) -> Any:
        """Draw the cost over both timeouts and return the Axes; see `plots.cost_heatmap`."""
        from scfcost.plots import cost_heatmap

        options.setdefault("frontier", self.pareto())
        return cost_heatmap(self.frame, self.currency, **options)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document of `scfcost sweep --format json`, as plain data, amounts as strings."""
        return {
            "schema": "scfcost.sweep/1",
            "currency": self.currency,
            "function_type": self.function_type,
            "not_known": [one.to_dict() for one in self.not_known],
            "rows": plain_rows(self.frame),
        }

    def __repr__(self) -> str:
        """Return what was swept, for a console."""
        return f"<SweepResult: {len(self):,} settings of {self.sessions:,} sessions, {self.currency}>"

    def _repr_html_(self) -> str:
        return html.sweep(self.to_dict())

    def save(self, path: str | Path) -> None:
        """Write the rows as Parquet or CSV, by the suffix, without loss.

        Raises
        ------
        ConfigError
            If the suffix is neither, or the file cannot be written.
        """
        save(self, Path(path))

    @staticmethod
    def load(path: str | Path) -> SweepResult:
        """Read rows that `save` wrote.

        Raises
        ------
        ResultError
            If the file is no saved sweep.
        """
        return load(Path(path))


def row_of(frame: pd.DataFrame, index: int) -> dict[str, Any]:
    """Return one row of a sweep by its place, as plain data.

    Parameters
    ----------
    frame : DataFrame
        k settings.
    index : int
        Place of the row. [1]
    """
    return {str(name): value for name, value in frame.iloc[index].to_dict().items()}


def frontier(frame: pd.DataFrame, against: str | None = None) -> list[int]:
    """Return the places of the rows that nothing beats in both cost and harm, the cheapest first.

    Parameters
    ----------
    frame : DataFrame
        k settings.
    against : str, optional
        The column that stands for harm; the messages that are lost, missed or late otherwise. Cuts that people notice
        would not do: who stays away after the first is cut once, and misses all that follows.
    """
    columns = frame[list(NOTICED) if against is None else [against]]
    if columns.isna().any(axis=None):  # not known whom a setting hurts, so that none is better than another
        return []
    cost, harm = frame[cost_column(frame)].tolist(), columns.sum(axis=1).tolist()
    best, places = None, []
    for place in sorted(range(len(frame)), key=lambda one: (cost[one], harm[one])):
        if best is None or harm[place] < best:
            best = harm[place]
            places.append(place)
    return places


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a sweep as plain data: amounts as strings, what is not known as None."""
    names = frame.columns.tolist()  # an index is slow to walk, and here it would be walked for each row
    columns = [_plain_column(frame[name]) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain_column(column: pd.Series[Any]) -> list[Any]:
    values: list[Any] = column.tolist()
    return values if column.dtype.kind in "bi" else [plain_value(value) for value in values]


def plain_value(value: Any) -> Any:
    """Return a cell of a sweep as plain data: amounts as strings, what is not known as None."""
    if isinstance(value, Decimal):
        return str(value)
    found = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(found, float) and np.isnan(found) else found


def cost_column(frame: pd.DataFrame) -> str:
    """Return the column that stands for cost: the month's, or the trace's where there is no projection."""
    return "monthly_amount" if frame["monthly_amount"].notna().all() else "amount"


@takes_trace
def sweep(
    trace: TraceLike,
    function: FunctionConfig | None = None,
    *,
    idle_timeout_s: Times | None = None,
    exec_timeout_s: Times | None = None,
    idle_ms: Sequence[int] | None = None,
    exec_ms: Sequence[int] | None = None,
    memory_mb: Sequence[int] | None = None,
    reconnect: Sequence[str] | None = None,
    heartbeat_s: Sequence[float | None] | None = None,
    max_concurrency: Sequence[int] | None = None,
    pricing: Pricing | None = None,
    outcomes: bool = False,
    progress: Callable[[float], None] | None = None,
    notice: Notice | None = None,
) -> SweepResult:
    """Price a trace under every setting of a grid, each row equal to the estimate at that setting.

    Parameters
    ----------
    trace : Trace, files or DataFrame
        n connections.
    function : FunctionConfig, optional
        The settings that are no axis; every function of the trace has them.
    idle_timeout_s, exec_timeout_s : int, float, str or iterable of these
        Idle and execution timeouts, as the command takes them: `"10s:5m:10s"`, `[15, "1m"]` or `900`. [s]
    idle_ms, exec_ms : sequence of int
        The same in milliseconds, in their place. [ms]
    memory_mb, reconnect, heartbeat_s, max_concurrency : sequence, optional
        Further axes; the value of `function` otherwise. [MB], [s], [1]
    pricing : Pricing, optional
        As in `estimate`. Where connections are refused, each setting is replayed event by event, and the rows tell how
        many attempts were `refused` and how many sessions `gave_up`.
    outcomes : bool
        Whether the rows also count the invocations by status code, as columns such as `outcome_455`.
    progress : callable, optional
        Called with the share of the work done.
    notice : callable, optional
        Called with a sentence where a sweep is large, or settings have to be replayed one by one.

    Returns
    -------
    SweepResult
        One row a setting.

    Raises
    ------
    ConfigError
        If an axis is empty or given twice, or the grid has too many settings.

    Examples
    --------
    >>> import scfcost
    >>> chat = scfcost.read_trace("data/sample_traces/chat_room.parquet")
    >>> scfcost.sweep(chat, idle_timeout_s="10s:30s:10s", exec_timeout_s="15m")
    <SweepResult: 3 settings of 1,549 sessions, CNY>
    """
    idle, execution = _axis(idle_timeout_s, idle_ms, "idle"), _axis(exec_timeout_s, exec_ms, "exec")
    axes = Axes(idle, execution, memory_mb, reconnect, heartbeat_s, max_concurrency)
    grid = grid_of(axes, function, pricing, outcomes=outcomes, notice=notice)
    return sweep_over(trace, grid, progress=progress, notice=notice)


def _axis(timeouts_s: Times | None, timeouts_ms: Sequence[int] | None, name: str) -> Sequence[int]:
    """Return a timeout's values, given in seconds or in milliseconds. [ms]"""
    field = f"{name}_timeout_s"
    if (timeouts_s is None) == (timeouts_ms is None):
        given = "not both" if timeouts_s is not None else "such as '10s:5m:10s', [15, '1m'] or 900"
        raise ConfigError(f"{field}: give {field} or {name}_ms, {given}")
    return timeouts_axis(timeouts_s, field) if timeouts_ms is None else timeouts_ms


def sweep_over(
    trace: Trace, grid: Grid, *, progress: Callable[[float], None] | None = None, notice: Notice | None = None
) -> SweepResult:
    """Price a trace under every setting of a grid that is laid out.

    Parameters
    ----------
    trace : Trace
        n connections.
    grid : Grid
        The settings.
    progress : callable, optional
        Called with the share of the work done.
    notice : callable, optional
        Called with a sentence that is to be known.
    """
    sums = sums_of(trace, grid, progress=progress, notice=notice)
    if notice is not None:
        _notice_beats(grid, notice)
    if trace.provenance.censored and notice is not None:
        _notice_bounds(trace, grid, notice)
    return result_of(trace, grid, sums, trace.connections, int(trace.natural_ms().sum()))


def result_of(window: Trace, grid: Grid, sums: Cells, sessions: int, natural_ms: int) -> SweepResult:
    """Price the sums of a grid.

    Parameters
    ----------
    window : Trace
        A trace with the window of the whole.
    grid : Grid
        The settings.
    sums : list of dict
        As `sums_of` gives them.
    sessions, natural_ms : int
        Sessions of the trace, and their length of life together. [1], [ms]
    """
    idle, execution = np.array(grid.idle), np.array(grid.execution)
    parts = [
        _rows(window, config.replace(memory_mb=mb), idle, execution, found, grid.terms)
        for (config, memories), found in zip(grid.passes, sums, strict=True)
        for mb in memories
    ]
    frame = _concat(parts, with_heartbeat=grid.with_heartbeat)
    unknown = not_known(
        [config for config, _ in grid.passes], grid.terms, has_messages=window.has_messages,
        warnings=window.provenance.warnings,
    )  # fmt: skip
    hours = natural_ms / MS_PER_HOUR
    kind = grid.passes[0][0].function_type
    return SweepResult(frame, sessions, hours, grid.terms.book.currency, _of_rows(frame, unknown), kind)


def _of_rows(frame: pd.DataFrame, unknown: tuple[Unknown, ...]) -> tuple[Unknown, ...]:
    """Leave out the price of traffic where no setting has any."""
    used = bool((frame["egress_bytes"] > 0).any())
    return tuple(one for one in unknown if used or one.what != PRICE)


def _notice_beats(grid: Grid, notice: Notice) -> None:
    """Say which heartbeats keep nothing open."""
    for beat in sorted({config.heartbeat_ms for config, _ in grid.passes if config.function_type == "web-ws"}):
        late = [one for one in grid.idle if beat and one <= beat]
        if late:
            shown = f"idle timeouts of {ms_to_seconds(late[-1]):g} s or less"
            notice(f"a heartbeat every {ms_to_seconds(beat):g} s comes too late to keep anything open at {shown}")


def _notice_bounds(trace: Trace, grid: Grid, notice: Notice) -> None:
    beyond = sum(is_bound(trace, one, limit) for one in grid.idle for limit in grid.execution)
    if beyond:
        pairs = len(grid.idle) * len(grid.execution)
        notice(f"{beyond:,} of {pairs:,} pairs of timeouts reach beyond the old server's: {describe(trace)}")


def _rows(
    trace: Trace,
    config: FunctionConfig,
    idle: Int64,
    execution: Int64,
    sums: Mapping[str, Mapping[str, Int64]],
    terms: Terms,
) -> dict[str, Any]:
    """Turn the sums of one outer setting into columns."""
    point = {name: values.reshape(-1) for name, values in sums[POINT].items()}
    cells = len(idle) * len(execution)
    columns: dict[str, Any] = {
        "idle_timeout_s": np.tile([ms_to_seconds(int(one)) for one in idle], len(execution)),
        "exec_timeout_s": np.repeat([ms_to_seconds(int(one)) for one in execution], len(idle)),
        "memory_mb": np.full(cells, config.memory_mb),
        "max_concurrency": np.full(cells, config.max_concurrency),
        "reconnect": [config.reconnect_policy] * cells,
        "invocations": point["invocations"],
        "billed_ms": point["billed_ms"],
        "resource_mb_ms": point["billed_ms"] * config.memory_mb,
        "egress_bytes": point["egress_bytes"],
        "cut_harmful": point["cut_harmful"],
        "cut_harmless": point["cut"] - point["cut_harmful"],
        **{name: point[name] for name in ("messages_lost", "messages_delayed", "pushes_missed", "reconnects")},
        "valid": _valid(config, idle, execution, terms).reshape(-1),
        "heartbeat_s": [config.heartbeat_s] * cells,
        **{name: point.get(name, point["billed_ms"]) for name in BOUNDS},
        **{name: point[name] for name in point if name in REFUSALS or name.startswith(OUTCOME)},
    }
    if not knows_silences(has_messages=trace.has_messages, configs=[config]):
        columns |= {name: [None] * cells for name in HARM}
        ends = (("invocations_low", LOW, "invocations"), ("invocations_high", HIGH, "invocations"))
        columns |= {name: sums[which][one].reshape(-1) for name, which, one in ends}
    if terms.rate("egress") is None:
        columns["whole_price"] = np.asarray(point["egress_bytes"]) == 0
    if config.memory_needed_mb:
        columns["fits_memory"] = np.full(cells, config.fits_memory)
    for which, values in sums.items():
        suffix = "" if which == POINT else f"_{which}"
        columns[f"amount{suffix}"], columns[f"monthly_amount{suffix}"] = _amounts(trace, config, values, terms)
    return columns


def _amounts(
    trace: Trace, config: FunctionConfig, sums: Mapping[str, Int64], terms: Terms
) -> tuple[list[Decimal], list[Decimal] | list[None]]:
    names = ("invocations", "connection_ms", "billed_ms", "egress_bytes", *(("idle_ms",) if "idle_ms" in sums else ()))
    columns: list[Any] = [sums[name].reshape(-1).astype(object) for name in names]
    counts, size = counted(Measured(config, *columns)), len(columns[0])
    factor = month_factor(trace)
    amounts = totals_of(counts, size, terms, with_plan=False)
    if factor is None:
        return amounts, [None] * size
    months = {name: round_ratio(count, factor.numerator, factor.denominator) for name, count in counts.items()}
    return amounts, totals_of(months, size, terms, with_plan=True)


def _valid(config: FunctionConfig, idle: Int64, execution: Int64, terms: Terms) -> NDArray[np.bool_]:
    """Whether each cell lies inside every documented range. Shape (e, t)."""
    limits = terms.book.limits
    shortest, longest = common_range(limits.idle_timeout_s)
    least, most = common_range(limits.exec_timeout_s)
    others = config.replace(idle_timeout_s=shortest, exec_timeout_s=most)
    valid = (execution >= least * MS_PER_SECOND) & (execution <= most * MS_PER_SECOND) & is_valid(others, terms.book)
    if config.function_type != "web-ws":
        return np.broadcast_to(valid[:, None], (len(execution), len(idle)))
    inside = (idle >= shortest * MS_PER_SECOND) & (idle <= longest * MS_PER_SECOND)
    return valid[:, None] & inside[None, :] & (execution[:, None] >= idle[None, :])


def _concat(parts: Sequence[Mapping[str, Any]], *, with_heartbeat: bool) -> pd.DataFrame:
    import pandas as pd

    frame = pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)
    bounds = BOUNDS if (frame["max_concurrency"] > 1).any() else ()
    mix = sorted(name for name in frame.columns if name.startswith(OUTCOME))
    frame[mix] = frame[mix].fillna(0).astype(np.int64)  # a code that one policy never meets
    extra = [
        name
        for name in (*bounds, *REFUSALS, "fits_memory", "whole_price", *_ENDS, *_MONEY, *mix)
        if name in frame.columns and name not in COLUMNS
    ]
    return frame[[*COLUMNS, *(["heartbeat_s"] if with_heartbeat else []), *extra]]


_META = b"scfcost.sweep/1"


def save(result: SweepResult, path: Path) -> None:
    """Write a sweep as Parquet or CSV, by the suffix; what it relates to goes along in the Parquet's metadata.

    Parameters
    ----------
    result : SweepResult
        k settings.
    path : Path
        The file, .parquet or .csv.

    Raises
    ------
    ConfigError
        If the suffix is neither, or the file cannot be written.
    """
    if path.suffix not in (".parquet", ".csv"):
        raise ConfigError(f"{path}: a sweep is written as .parquet or .csv")
    with whole(path, ConfigError) as part:
        if path.suffix == ".csv":
            result.frame.map(safe_cell).to_csv(part, index=False)
        else:
            _write_parquet(result, part)


def _write_parquet(result: SweepResult, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {}
    for name in result.frame.columns:
        values = result.frame[name].tolist()
        columns[name] = pa.array(values, pa.decimal128(38, 2)) if name in _MONEY else pa.array(values)
    meta = {_META: f"{result.sessions};{result.natural_hours!r};{result.currency};{result.function_type}".encode()}
    pq.write_table(pa.table(columns).replace_schema_metadata(meta), path)


def load(path: Path) -> SweepResult:
    """Read a sweep that `save` wrote as Parquet.

    Raises
    ------
    ResultError
        If the file is no saved sweep.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        sessions, hours, currency, *kind = (table.schema.metadata or {})[_META].decode().split(";")
    except (OSError, pa.ArrowException):
        raise ResultError(f"{path}: cannot be read as Parquet") from None
    except KeyError:
        raise ResultError(f"{path}: is no saved sweep") from None
    frame = pd.DataFrame({name: table.column(name).to_pylist() for name in table.column_names})
    return SweepResult(frame, int(sessions), float(hours), currency, function_type=kind[0] if kind else "web-ws")
