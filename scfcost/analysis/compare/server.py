"""Plain servers by size on a trace: how many carry it, and what they cost with their traffic."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from scfcost.analysis.compare.row import Row, Served
from scfcost.analysis.estimate.result import Estimate
from scfcost.billing.pricing import Bill, LineItem
from scfcost.catalog.schema import Price
from scfcost.catalog.servers import ListedServer
from scfcost.core.money import EXACT, ZERO, round_ratio, tidy
from scfcost.core.units import BYTES_PER_GB

KB_PER_CONNECTION = 64
"""Memory of the server that an open connection is taken to need. [KB of 1,024 B]"""
PERCENT_FOR_CONNECTIONS = 50
"""Share of the memory that is taken to be left for connections. [%]"""


def capacity_of(server: ListedServer) -> int:
    """Return how many connections a server is taken to carry. [1]"""
    return server.memory_mb * 1024 * PERCENT_FOR_CONNECTIONS // 100 // KB_PER_CONNECTION


def server_row(
    name: str, server: ListedServer, estimate: Estimate, pushed_bytes: int, peak: int, plan: str | None = None
) -> Row:
    """Return the row of a server: no timeout cuts there, and every message is delivered.

    Parameters
    ----------
    name : str
        The server in the catalog.
    server : ListedServer
        Its month and its traffic.
    estimate : Estimate
        The trace under the settings of the function platform.
    pushed_bytes : int
        Bytes of every push of the trace. [B]
    peak : int
        Most connections that would be open at once. [1]
    plan : str, optional
        `free` counts what of the traffic is free of charge in each account.
    """
    carries = capacity_of(server)
    number = max(-(-peak // carries), 1)
    factor = estimate.factor or Fraction(1)
    pushed = round_ratio(pushed_bytes, factor.numerator, factor.denominator)
    traffic = tidy(EXACT.divide(Decimal(pushed), Decimal(BYTES_PER_GB)))
    given = EXACT.add(EXACT.multiply(server.included_gb, Decimal(number)), server.free_gb if plan == "free" else ZERO)
    free = min(tidy(given), traffic)
    lines = (
        _line("servers", Decimal(number), "server", ZERO, server.monthly, server),
        _line("egress", traffic, "GB", free, server.per_gb, server),
    )
    bill = Bill(server.currency, f"server/{name}", "payg", lines)
    servers = "1 server" if number == 1 else f"{number:,} servers"
    notes = [
        (
            f"{servers} for a peak of {peak:,}: {carries:,} connections each, {KB_PER_CONNECTION} KB apiece in half "
            f"of its {server.memory_mb:,} MB, the rest for the system"
        ),
        *((server.note,) if server.note else ()),
    ]
    return Row(
        name=name, title=server.title, region="", bills=(bill,), low=bill.total, high=bill.total,
        served=Served(0, Fraction(0), Fraction(0), estimate.lives.sessions), notes=tuple(notes), kind="server",
        quantities={"servers": Fraction(number), "egress_bytes": Fraction(pushed_bytes)},
        hangs_on_bytes=server.per_gb > 0,
    )  # fmt: skip


def _line(item: str, quantity: Decimal, unit: str, free: Decimal, price: Decimal, server: ListedServer) -> LineItem:
    listed = Price(price=price, source=server.source, checked_on=server.checked_on, confidence=server.confidence)
    amount = tidy(EXACT.multiply(EXACT.subtract(quantity, free), price))
    return LineItem(item, quantity, unit, free, listed, amount)
