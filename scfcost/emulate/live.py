"""One line that says where a run stands: connections, instances, messages, codes, cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from scfcost.billing.meters import Measured, Usage, usage_from
from scfcost.billing.pricing import price
from scfcost.billing.terms import Terms
from scfcost.core.money import plain, round_amount
from scfcost.core.text import counted
from scfcost.core.units import MS_PER_MONTH, MS_PER_SECOND
from scfcost.emulate.clock import now_ms
from scfcost.emulate.host import FunctionHost
from scfcost.lifecycle.outcomes import name


class LiveLine:
    """Says every second where a run stands.

    Parameters
    ----------
    terms : Terms
        What decides the bill.
    show : callable
        Told the line.
    """

    def __init__(self, terms: Terms, show: Callable[[str], None]) -> None:
        self._terms, self._show, self._messages = terms, show, 0

    def __call__(self, hosts: Sequence[FunctionHost], run_ms: int) -> None:
        """Show the line."""
        messages = sum(host.model.messages for host in hosts)
        rate, self._messages = messages - self._messages, messages
        usage = sum((usage_so_far(host, now_ms()) for host in hosts), Usage())
        month = price(usage.project(MS_PER_MONTH, max(run_ms, 1)), self._terms, with_plan=True)
        so_far = price(usage, self._terms, with_plan=False)
        currency = self._terms.book.currency
        self._show(
            f"{run_ms // MS_PER_SECOND} s | {counted(sum(host.model.open_now for host in hosts), 'connection')} on "
            f"{counted(sum(len(host.model.workers) for host in hosts), 'instance')} | {rate} messages/s | "
            f"{codes_of(hosts)} | "
            f"{currency} {plain(round_amount(so_far.total_exact, 6))} so far, {plain(month.total)} a month at this rate"
        )


def codes_of(hosts: Sequence[FunctionHost]) -> str:
    """Return the outcomes so far, refusals included."""
    codes: Counter[int] = Counter()
    for host in hosts:
        codes += host.model.outcomes + host.model.refusals
    return " ".join(f"{name(code)}: {count}" for code, count in sorted(codes.items())) or "no outcome yet"


def usage_so_far(host: FunctionHost, at_ms: int) -> Usage:
    """Return what a function has used until now, open connections included.

    Parameters
    ----------
    host : FunctionHost
        The function.
    at_ms : int
        The present instant. [ms since the epoch]
    """
    model = host.model
    open_ms = sum(
        at_ms - worker.busy_since_ms for worker in model.workers.values() if 0 <= worker.busy_since_ms <= at_ms
    )
    busy_ms = model.busy_ms + open_ms
    return usage_from(Measured(model.rules.function, model.invocations, busy_ms, busy_ms, model.egress_bytes))
