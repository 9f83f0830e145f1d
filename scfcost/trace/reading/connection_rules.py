"""The rules of a connections file: one row a connection, its instants and lengths in ms."""

from __future__ import annotations

from scfcost.trace.reading.columns import CONNECTIONS
from scfcost.trace.reading.rules import (
    FIRST_CODE,
    LAST_CODE,
    Check,
    Columns,
    Rules,
    cell,
    close_code_check,
    length_checks,
    required,
    shown,
    side_check,
)

_LENGTHS = ("duration_s", "max_idle_s")
_TOTALS = ("bytes_out", "bytes_in", "messages")
_OPENS = cell("connect_time")
_CLOSES = f"coalesce({cell('close_time')}, {_OPENS} + {cell('duration_s')})"
_AGREE_MS = 1_000
"""A life told twice may differ by less: one of both may be in whole seconds. [ms]"""


def connection_rules(columns: Columns) -> Rules:
    """Return the rules of a connections file."""
    cells = {
        "id": columns.identity(),
        **{name: columns.instant(name) for name in CONNECTIONS.times},
        **{name: columns.length(name) for name in _LENGTHS},
        **{name: columns.whole(name) for name in _TOTALS},
        "close_code": columns.whole("close_code", FIRST_CODE, LAST_CODE),
        "closed_by": columns.side(),
        "function": columns.text("function"),
    }
    checks = [
        *required("connection_id"),
        *required("connect_time"),
        *(check for name in CONNECTIONS.times for check in columns.instant_checks(name)),
        *(check for name in _LENGTHS for check in length_checks(name)),
        *_life_checks(columns),
        *(columns.whole_check(name) for name in _TOTALS),
        close_code_check(),
        side_check(),
    ]
    values = {
        "id": cell("id"),
        "connect": _OPENS,
        "close": _CLOSES,
        "close_code": f"CAST({cell('close_code')} AS SMALLINT)",
        "closed_by": f"CAST({cell('closed_by')} AS TINYINT)",
        "client_lost": cell("client_lost_time"),
        **{name: cell(name) for name in _TOTALS},
        "last_activity": cell("last_activity_time"),
        "max_idle": cell("max_idle_s"),
        "function": cell("function"),
    }
    return Rules(cells, columns.checks_of(checks), values)


def _life_checks(columns: Columns) -> list[Check]:
    """Return the checks of what a row tells of the life of its connection as a whole."""
    last, lost, longest = (cell(name) for name in ("last_activity_time", "client_lost_time", "max_idle_s"))
    checks = [
        Check("close_time", f"{_CLOSES} < {_OPENS}", "'before its connect_time'"),
        Check("client_lost_time", f"{lost} < {_OPENS}", "'before its connect_time'"),
        Check("last_activity_time", f"{last} < {_OPENS} OR {last} > {_CLOSES}", "'outside the connection''s life'"),
        Check("max_idle_s", f"{longest} > {_CLOSES} - {_OPENS}", "'longer than the connection''s life'"),
    ]
    if not {"close_time", "duration_s"} <= set(columns.kinds):
        return checks
    life, length = f"{cell('close_time')} - {_OPENS}", cell("duration_s")
    told = f"{shown('duration_s')} || ' s, but close_time is ' || CAST({life} AS VARCHAR) || ' ms after connect_time'"
    return [Check("duration_s", f"abs({life} - {length}) >= {_AGREE_MS}", told), *checks]
