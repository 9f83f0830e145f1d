"""What an estimate warns of: one list, whether the trace was replayed as a whole or summed in parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from scfcost.analysis.estimate.result import Estimate
from scfcost.analysis.known import not_known
from scfcost.billing.pricing import Bill
from scfcost.billing.terms import Terms
from scfcost.catalog.limits import limit_warnings
from scfcost.config.function import FunctionConfig
from scfcost.core.text import counted
from scfcost.core.warning import Warned
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.message_limits import MessageExcess
from scfcost.trace.assumption import assumptions

Kind = TypeVar("Kind", bound=Estimate)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is to be said of a trace, beside the figures of its estimate."""

    reading: tuple[Warned, ...]
    """What the reading says."""
    empty_closes: int
    """Connections that closed with an empty frame. [1]"""
    assumed: tuple[int, int, int] | None
    """Connections by what their silences rest on, see `assumption.assumed`; None with message rows. [1]"""
    excess: MessageExcess
    """Connections beyond the message limits."""
    censored: str | None = None
    """What to say of lives that an old server's timeouts cut, where a timeout reaches beyond those."""
    not_initialised: int = 0
    """Connections whose instance was not initialised in time. [1]"""


def complete(found: Kind, facts: Facts) -> Kind:
    """Return an estimate with what it warns of, and what its input does not tell.

    Parameters
    ----------
    found : Estimate
        The figures.
    facts : Facts
        What is known of the trace beside them.
    """
    unknown = not_known(
        found.functions.values(), found.terms, has_messages=not found.bounds, bill=found.monthly or found.bill,
        warnings=facts.reading, censored=facts.censored,
    )  # fmt: skip
    return replace(found, not_known=unknown, warnings=tuple(_warnings(found, facts)))


def _warnings(found: Estimate, facts: Facts) -> Iterator[Warned]:
    terms = found.terms
    yield from facts.reading
    for config in dict.fromkeys(found.functions.values()):
        yield from limit_warnings(config, terms.book)
        yield from heartbeat_warnings(config)
    yield from _of_closes(facts.empty_closes)
    yield from _of_bill(found.window_ms, found.bill, terms)
    if facts.assumed is not None:
        text = "no message rows: low, point and high are shown; the point takes "
        yield Warned("no_messages", text + "; ".join(assumptions(facts.assumed)))
    if facts.censored is not None:
        yield Warned("censored", facts.censored)
    yield from _of_quota(found.platform, terms, found.refused)
    if facts.not_initialised:
        text = f"{facts.not_initialised:,} connections were not initialised in time (450); they are not billed"
        yield Warned("init_timeout", text)
    if facts.excess:
        source = terms.book.limits.messages.source
        yield Warned("message_limits", facts.excess.sentence(found.lives.sessions, source))


def heartbeat_warnings(config: FunctionConfig) -> Iterator[Warned]:
    """Yield that a heartbeat comes too late to keep any connection open."""
    if not config.beats_too_late:
        return
    beat, idle = config.heartbeat_s, config.idle_timeout_s
    shorter = f"{config.idle_timeout_s - 1:g} s" if config.idle_timeout_s > 1 else "a shorter one"
    text = (
        f"a heartbeat every {beat:g} s comes at or after the idle deadline of {idle:g} s, so it keeps nothing open and "
        f"silent connections are cut before each beat; take {shorter}, or an idle timeout over {beat:g} s"
    )
    yield Warned("heartbeat_too_late", text)


def _of_closes(empty: int) -> Iterator[Warned]:
    if empty:
        text = (
            f"{empty:,} connections closed with 1005, the empty close frame of a bare close(); whether the vendor "
            "takes it as normal is not documented (--empty-close-is-normal)"
        )
        yield Warned("empty_close", text)


def _of_bill(window_ms: int, bill: Bill, terms: Terms) -> Iterator[Warned]:
    if window_ms == 0:
        yield Warned("no_projection", "the window is 0 ms long, so there is no projection to a month")
    for item in bill.unknown:
        text = f"{terms.book.name} has no price for {item} in {terms.region}: it is unknown and not in the total"
        yield Warned("price_unknown", text)


def _of_quota(platform: Platform, terms: Terms, refused: Mapping[str, int]) -> Iterator[Warned]:
    if platform.quota_mb is None:
        yield Warned("quota_unknown", f"the memory quota of {terms.region} is not known to {terms.book.name}")
    if any(refused.values()):
        yield Warned("refused" if platform.refuses else "would_refuse", refusal(refused, refuses=platform.refuses))


def refusal(refused: Mapping[str, int], *, refuses: bool) -> str:
    """Say how many invocations are, or would be, refused, and by which limit.

    Parameters
    ----------
    refused : mapping of str to int
        Invocations by status code, 432 and 429; not all 0. [1]
    refuses : bool
        Whether they are refused, or only would be.

    Examples
    --------
    >>> refusal({"432": 0, "429": 1_200}, refuses=False)
    'the burst limit would refuse 1,200 invocations (429)'
    """
    verb = "refused" if refuses else "would refuse"
    limits = (("432", "the memory quota"), ("429", "the burst limit"))
    each = [(code, limit, counted(refused[code], "invocation")) for code, limit in limits if refused[code]]
    return " and ".join(f"{limit} {verb} {number} ({code})" for code, limit, number in each)
