"""What an input does not tell: silences, prices, bytes and lives. Decided here alone; commands and reports ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from scfcost.billing.pricing import Bill
from scfcost.billing.terms import Terms
from scfcost.config.function import FunctionConfig
from scfcost.core.warning import Warned

SILENCES, PRICE, BYTES, LIVES = "silences", "price", "bytes", "lives"
"""What can be missing."""
OF_MONEY = (PRICE, BYTES)
"""What makes a total the known part of one."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that figures hang on and the input does not tell."""

    what: str
    """`silences`, `price`, `bytes` or `lives`."""
    message: str
    remedy: str
    """What would tell it."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"what": self.what, "message": self.message, "remedy": self.remedy}


def knows_silences(*, has_messages: bool, configs: Iterable[FunctionConfig]) -> bool:
    """Whether it is known when connections fell silent: by message rows, or as requests and events have no silences.

    Parameters
    ----------
    has_messages : bool
        Whether the trace has message rows.
    configs : iterable of FunctionConfig
        Settings of its functions.
    """
    return has_messages or all(config.function_type != "web-ws" for config in configs)


def not_known(
    configs: Iterable[FunctionConfig],
    terms: Terms,
    *,
    has_messages: bool,
    bill: Bill | None = None,
    warnings: Iterable[Warned] = (),
    censored: str | None = None,
) -> tuple[Unknown, ...]:
    """Collect what an input does not tell of some settings.

    Parameters
    ----------
    configs : iterable of FunctionConfig
        The settings of each function.
    terms : Terms
        Price book, region and plan.
    has_messages : bool
        Whether the trace has message rows.
    bill : Bill, optional
        The bill whose lines need prices; without one the price of traffic is asked for.
    warnings : iterable of Warned
        What the reading said.
    censored : str, optional
        What is to be said of lives that an old server's timeouts cut, where a timeout reaches beyond those.

    Returns
    -------
    tuple of Unknown
        Empty where everything is known.
    """
    silences = knows_silences(has_messages=has_messages, configs=configs)
    return tuple(_found(terms, bill, warnings, censored, silences=silences))


def _found(
    terms: Terms, bill: Bill | None, warnings: Iterable[Warned], censored: str | None, *, silences: bool
) -> Iterator[Unknown]:
    if not silences:
        text = "the trace has no message rows, so how long connections are silent is not known, nor whom a cut hurts"
        yield Unknown(SILENCES, text, TELLS_SILENCES)
    without_price = ["egress"] if terms.rate("egress") is None else []
    for item in without_price if bill is None else bill.unknown:
        text = f"{terms.book.name} has no price for {ITEMS.get(item, item)} in {terms.region}: totals are without it"
        own = "a price book of your own (--catalog FILE)"
        remedy = f"--traffic-price PRICE, or {own}" if item == "egress" else own
        yield Unknown(PRICE, text, remedy)
    rate = terms.rate("egress")
    if rate is None or any(tier.price for tier in rate.graduated()):  # what is free is, whatever its bytes
        yield from (Unknown(BYTES, one.message, TELLS_BYTES) for one in warnings if one.code == "bytes_unknown")
    if censored is not None:
        yield Unknown(LIVES, censored, "timeouts no longer than the old server's, or a trace without them")


TELLS_SILENCES = (
    "a log with the time of each message (scfcost formats shows which have it), a capture, or your own server run by "
    "scfcost emulate"
)
"""What would tell the silences."""
TELLS_BYTES = "the bytes of each message to a client (column bytes), or those of each connection (column bytes_out)"
"""What would tell the traffic."""
ITEMS = {"egress": "traffic", "provisioned_idle": "provisioned instances"}
"""What a line without a price is called."""


def lacks(unknowns: Iterable[Unknown], *what: str) -> list[Unknown]:
    """Return those of some kinds."""
    return [one for one in unknowns if one.what in what]
