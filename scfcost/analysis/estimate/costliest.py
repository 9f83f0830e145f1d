"""The connections that cost most."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

from scfcost.analysis.estimate.document import instant
from scfcost.analysis.estimate.estimate import TraceEstimate
from scfcost.billing.metering import round_up
from scfcost.billing.meters import Measured, usage_from
from scfcost.billing.pricing import price
from scfcost.core.money import plain
from scfcost.core.units import BYTES_PER_GB, CALLS_PER_10K, MB_MS_PER_GBS
from scfcost.trace.model import Int64

SHOWN = 10
"""How many connections are named. [1]"""
_LOOKED_AT = 200
"""Connections that are priced exactly, the dearest by a quick guess. [1]"""


def dearest(found: TraceEstimate, shown: int = SHOWN) -> list[dict[str, Any]]:
    """Return the connections that cost most, each as if it were alone, at unit prices, the dearest first.

    Parameters
    ----------
    found : TraceEstimate
        A priced trace.
    shown : int
        How many connections to return. [1]

    Returns
    -------
    list of dict
        connection_id, function, start, natural_ms, invocations, connection_ms, egress_bytes and the exact amount, a
        string in the book's currency without what has no known price.
    """
    calls, life_ms, egress = _sums(found)
    trace, natural_ms = found.trace, found.trace.natural_ms()
    memory = np.array([found.functions[one].memory_mb for one in trace.functions])[trace.function_code]
    guess = life_ms * memory * _rate(found, "resource", MB_MS_PER_GBS) + egress * _rate(found, "egress", BYTES_PER_GB)
    guess += calls * _rate(found, "invocations", CALLS_PER_10K)
    rows = []
    for session in np.argsort(-guess, kind="stable")[:_LOOKED_AT].tolist():
        function = trace.functions[trace.function_code[session]]
        numbers = int(calls[session]), int(life_ms[session]), int(egress[session])
        calls_of, life, sent = numbers
        usage = usage_from(Measured(found.functions[function], calls_of, life, life, sent))
        rows.append(
            {
                "connection_id": str(trace.connection_id[session]),
                "function": function,
                "start": instant(int(trace.connect_ms[session])),
                "natural_ms": int(natural_ms[session]),
                "invocations": numbers[0],
                "connection_ms": numbers[1],
                "egress_bytes": numbers[2],
                "amount": plain(price(usage, found.terms, with_plan=False).total_exact),
            }
        )
    return sorted(rows, key=lambda row: (-Decimal(row["amount"]), row["connection_id"]))[:shown]


def _sums(found: TraceEstimate) -> tuple[Int64, Int64, Int64]:
    """Sum invocations, billed life and egress by session."""
    rows = found.result.invocations
    sums = np.zeros((3, found.trace.connections), np.int64)
    np.add.at(sums[0], rows.session, 1)
    np.add.at(sums[1], rows.session, round_up(rows.duration_ms, found.platform.granularity_ms))
    np.add.at(sums[2], rows.session, rows.egress_bytes)
    return sums[0], sums[1], sums[2]


def _rate(found: TraceEstimate, item: str, units: int) -> float:
    """Return the price of the smallest unit of a line, 0 where it is unknown: only good for a guess. [currency]"""
    line = found.bill.line(item)
    return 0.0 if line is None or line.unit_price is None else float(line.unit_price) / units
