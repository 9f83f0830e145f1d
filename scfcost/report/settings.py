"""Settings as rows: their timeouts, the axes that vary, the month and what people notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from scfcost.core.language import _, translated
from scfcost.report import words

AXES = ("memory_mb", "max_concurrency", "reconnect", "heartbeat_s")
"""Columns of a setting beside its timeouts; those that vary are shown."""
_AXIS = {
    "memory_mb": "memory",
    "max_concurrency": "connections an instance",
    "reconnect": "reconnect",
    "heartbeat_s": "heartbeat",
}
NOTICED = "cuts noticed"
"""Title of the cuts after which a message is lost, missed or late."""
GIVES_WAY = ("reconnects", NOTICED, "late", "not delivered")
"""Titles of the columns that give way where there is no room, the first first."""


def varying(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the axes beside the timeouts in which some settings differ."""
    return [name for name in AXES if len({row.get(name) for row in rows}) > 1]


def shared(rows: Sequence[Mapping[str, Any]]) -> str:
    """Name what some settings have in common beside the timeouts."""
    same = [name for name in AXES if name not in varying(rows) and rows and rows[0].get(name) is not None]
    return " · ".join(f"{translated(_AXIS[name])} {_cell(name, rows[0][name])}" for name in same)


def table_of(
    rows: Sequence[Mapping[str, Any]],
    currency: str,
    titles: Sequence[str] = (),
    axes: Sequence[str] | None = None,
    *,
    without_idle: bool = False,
) -> tuple[list[str], list[list[str]]]:
    """Return settings as a header and rows: their timeouts, every axis that varies, the month and what people notice.

    Parameters
    ----------
    rows : sequence of mapping
        Settings as rows of a sweep.
    currency : str
        Currency of their amounts.
    titles : sequence of str
        What each setting is called, where it has a name.
    axes : sequence of str, optional
        The axes that are shown; those that vary otherwise.
    without_idle : bool
        Whether the settings have no idle timeout, as those of requests and events.
    """
    axes = varying(rows) if axes is None else axes
    silent = any("monthly_amount_low" in row or "amount_low" in row for row in rows)
    timeouts = {"idle_timeout_s": "idle timeout", "exec_timeout_s": "execution timeout"}
    if without_idle:
        del timeouts["idle_timeout_s"]
    timeouts = {name: title for name, title in timeouts.items() if any(row[name] is not None for row in rows)}
    header = [*(("setting",) if titles else ()), *timeouts.values(), *(_AXIS[one] for one in axes)]
    month = _("month, {currency}").format(currency=currency)
    if silent:
        header += [_("{month}, low").format(month=month), "point", "high"]
    else:
        header += [month, NOTICED, "reconnects", "not delivered", "late"]
    body = []
    for place, row in enumerate(rows):
        cells = [titles[place]] if titles else []
        cells += [f"{row[name]:g} s" for name in timeouts]
        cells += [_cell(name, row.get(name)) for name in axes]
        body.append([*cells, *(_ends(row) if silent else _outcome(row))])
    return header, body


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "none"
    return (
        {"memory_mb": f"{value:,} MB", "heartbeat_s": f"{value:g} s"}[name]
        if name.endswith(("mb", "_s"))
        else (f"{value}")
    )


def month(row: Mapping[str, Any], end: str = "") -> str:
    """Show a setting's month, or the trace's own period where there is no month.

    Parameters
    ----------
    row : mapping
        A row of a sweep.
    end : str
        "_low" or "_high" for an end of what is not known.
    """
    amount = row.get(f"monthly_amount{end}")
    return words.money(str(row[f"amount{end}"] if amount is None else amount))


def _ends(row: Mapping[str, Any]) -> list[str]:
    ends = ("_low", "", "_high") if "amount_low" in row else ("", "", "")
    return [month(row, end) for end in ends]


def _outcome(row: Mapping[str, Any]) -> list[str]:
    if row["cut_harmful"] is None:
        return [month(row), *[words.NOT_KNOWN] * 4]
    lost = row["messages_lost"] + row["pushes_missed"]
    numbers = (row["cut_harmful"], row["reconnects"], lost, row["messages_delayed"])
    shares = [row.get(name) for name in ("undelivered_share", "late_share")]
    shown = [f"{number:,}" for number in numbers]
    shown[2:] = [text if share is None else percent(share) for text, share in zip(shown[2:], shares, strict=True)]
    return [month(row), *shown]


def percent(share: str) -> str:
    """Show a share as per cent; what is not nothing never reads 0 %.

    Examples
    --------
    >>> percent("0.037831"), percent("0"), percent("0.000001")
    ('3.78 %', '0 %', '< 0.01 %')
    """
    value = Decimal(share) * 100
    if value and value < Decimal("0.01"):
        return "< 0.01 %"
    return f"{value:.2f} %" if value else "0 %"


def is_silent(document: Mapping[str, Any]) -> bool:
    """Whether silences are not known, so that each amount is a low, a point and a high one."""
    return any(one["what"] == "silences" for one in document["not_known"])


def is_part(document: Mapping[str, Any]) -> bool:
    """Whether amounts are the known part alone: a price or the bytes are not known."""
    return any(one["what"] in ("price", "bytes") for one in document["not_known"])


def noticed(row: Mapping[str, Any]) -> int:
    """Count the messages of a setting that are lost, missed or late."""
    return int(row["messages_lost"] + row["pushes_missed"] + row["messages_delayed"])


def amount(row: Mapping[str, Any]) -> Decimal:
    """Return a setting's month, or the trace's own period where there is no month."""
    return Decimal(row["amount"] if row["monthly_amount"] is None else row["monthly_amount"])


def without_idle(document: Mapping[str, Any]) -> bool:
    """Whether a sweep or recommendation is of requests or events, which have no idle timeout."""
    return bool(document.get("function_type", "web-ws") != "web-ws")


def thinned(rows: Sequence[Any], most: int) -> list[Any]:
    """Keep at most so many rows, both ends among them.

    Parameters
    ----------
    rows : sequence
        k rows in their order.
    most : int
        How many are kept, at least 2. [1]
    """
    if len(rows) <= most:
        return list(rows)
    return [rows[round(k * (len(rows) - 1) / (most - 1))] for k in range(most)]
