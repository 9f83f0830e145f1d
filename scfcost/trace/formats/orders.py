"""Whether the time of a row is the start or the end of what it tells, by the order in which rows were written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from scfcost.core.durations import length_ms

_FEWEST = 3
"""Rows from which on an order tells something. [1]"""


def order_of(times: Sequence[Sequence[str]], lengths: Sequence[str]) -> str | None:
    """Return `connect_time` where only that makes the ends come in order; None where nothing can be told.

    Rows are written as connections end. Lengths without a unit are tried as seconds and as milliseconds.

    Parameters
    ----------
    times : sequence of sequence of str
        Of each field that may be an instant, its values in the order of the rows.
    lengths : sequence of str
        Lengths of the connections, in the same order.
    """
    rows = [(_seconds(" ".join(time)), length) for time, length in zip(times, lengths, strict=True)]
    known = [(at, length) for at, length in rows if at is not None and length.strip() not in ("", "-")]
    if len(known) < _FEWEST:
        return None
    if _ascends([at for at, _ in known]):
        return None
    for unit in (1.0, 0.001):
        ends = [at + _length(length, unit) for at, length in known]
        if _ascends(ends):
            return "connect_time"
    return None


def _ascends(values: Sequence[float]) -> bool:
    return all(one <= other + 1 for one, other in pairwise(values))


def _length(text: str, unit: float) -> float:
    named = length_ms(text)
    try:
        return named / 1000 if named is not None else float(Decimal(text)) * unit
    except InvalidOperation:
        return 0.0


def _seconds(text: str) -> float | None:
    """Return an instant in s since 1970, near enough for an order."""
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        while number > 1e11:
            number /= 1000
        return number
    for form in (None, "%d/%b/%Y:%H:%M:%S %z", "%d/%b/%Y:%H:%M:%S"):
        try:
            moment = datetime.fromisoformat(text.replace(",", ".")) if form is None else datetime.strptime(text, form)  # noqa: DTZ007
        except ValueError:
            continue
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    return None
