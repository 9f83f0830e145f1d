"""What is to be said of a trace on other platforms, beside their figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from scfcost.analysis.estimate.warnings import heartbeat_warnings
from scfcost.billing.pricing import Bill
from scfcost.config.function import FunctionConfig
from scfcost.core.money import round_fraction
from scfcost.core.units import MS_PER_DAY, MS_PER_HOUR, MS_PER_MONTH
from scfcost.core.warning import Warned
from scfcost.trace.censoring import describe, is_bound
from scfcost.trace.model import Trace


def short_window(window_ms: int) -> Iterator[Warned]:
    """Yield that a window is less than a day, which its peak then stands for."""
    if not 0 < window_ms < MS_PER_DAY:
        return
    hours, times = (round_fraction(Fraction(*of), 1) for of in ((window_ms, MS_PER_HOUR), (MS_PER_MONTH, window_ms)))
    yield Warned(
        "short_window",
        f"the trace covers {hours} h and a month is {times} times that: nights and weekends are taken to be like it, "
        "and so is the peak that servers and units are rented for; a trace of a whole week tells more",
    )


def warnings_of(
    trace: Trace, configs: Mapping[str, FunctionConfig], bills: tuple[Bill, ...], region: str
) -> Iterator[Warned]:
    """Yield what is to be known of a platform's report.

    Parameters
    ----------
    trace : Trace
        n connections.
    configs : mapping of str to FunctionConfig
        The settings of each function on the platform.
    bills : tuple of Bill
        A month, a bill a price book.
    region : str
        Region of the prices.
    """
    yield from trace.provenance.warnings
    yield from short_window(trace.window_ms)
    for config in dict.fromkeys(configs.values()):
        yield from heartbeat_warnings(config)
    if not trace.has_messages:
        text = "no message rows: messages are not counted, silences are supposed, and the month is the known part"
        yield Warned("no_messages", text)
    if any(is_bound(trace, one.idle_timeout_ms, one.exec_timeout_ms) for one in configs.values()):
        yield Warned("censored", describe(trace))
    for bill in bills:
        for item in bill.unknown:
            text = f"{bill.catalog} has no price for {item} in {region}: it is unknown and not in the total"
            yield Warned("price_unknown", text)
