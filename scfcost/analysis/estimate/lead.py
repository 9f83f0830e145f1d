"""What an estimate says first: the one thing that is wrong, and the command that shows the remedy."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from scfcost.analysis.estimate.result import Estimate
from scfcost.analysis.known import LIVES, PRICE, SILENCES, lacks
from scfcost.config.function import RECONNECTS
from scfcost.core.money import round_fraction
from scfcost.core.units import ms_to_seconds
from scfcost.lifecycle.outcomes import MOST_UNDELIVERED

Again = Callable[[str, str], str]
"""Writes a command that asks another question of the same input: the name of the command, and flags to add."""


def ask_again(estimate: Estimate) -> Again:
    """Return what writes a command for the input of an estimate, where the caller knows no more than its source."""
    sources = estimate.extent["sources"]
    named = shlex.quote(sources[0].split(" (generated")[0]) if len(sources) == 1 else "TRACES"
    return lambda command, flags: f"scfcost {command} {named} {flags}".rstrip()


def wrong(estimate: Estimate, again: Again) -> dict[str, str] | None:
    """Return the worst that is wrong with some settings: what it is, and the command that shows the remedy.

    Parameters
    ----------
    estimate : Estimate
        A priced trace.
    again : callable
        Writes the command.

    Returns
    -------
    dict or None
        `text` and `command`; None where nothing is wrong.
    """
    return next(_faults(estimate, again), None)


def _faults(estimate: Estimate, again: Again) -> Iterator[dict[str, str]]:
    if any(config.beats_too_late for config in estimate.functions.values()):
        idle = min(config.idle_timeout_s for config in estimate.functions.values() if config.beats_too_late)
        text = next(one.message for one in estimate.warnings if one.code == "heartbeat_too_late")
        better = f"--heartbeat {max(idle - 1, idle / 2):g}"
        command = again("estimate", better)
        yield {"text": text[0].upper() + text[1:], "command": command, "about": "heartbeat_too_late"}
    for one in lacks(estimate.not_known, SILENCES):
        text = "Nobody knows how long these connections are silent, so the month lies between low and high below, and "
        text += f"whom the timeouts cut off is not known. What would tell: {one.remedy}"
        yield {"text": text, "command": "scfcost formats", "about": SILENCES}
    yield from _undelivered(estimate, again)
    if any(estimate.refused.values()):
        text = next(one.message for one in estimate.warnings if one.code in ("refused", "would_refuse"))
        yield {"text": text, "command": again("capacity", ""), "about": "would_refuse"}
    if _share_beyond(estimate) > MOST_UNDELIVERED:
        text = next(one.message for one in estimate.warnings if one.code == "message_limits")
        policy = estimate.first.reconnect or likely_policy(estimate)
        text += ". What other platforms would do with it:"
        yield {"text": text, "command": again("compare", f"--reconnect {policy}"), "about": "message_limits"}
    for one in lacks(estimate.not_known, PRICE):
        text = f"{one.message[0].upper()}{one.message[1:]}. With what a GB costs you for PRICE:"
        yield {"text": text, "command": again("estimate", "--traffic-price PRICE"), "about": PRICE}
    for one in lacks(estimate.not_known, LIVES):
        text = f"{one.message[0].upper()}{one.message[1:]}. Figures that are no bounds:"
        yield {"text": text, "command": again("estimate", _within_source(estimate)), "about": LIVES}


def _within_source(estimate: Estimate) -> str:
    """Return the flags of timeouts that do not reach beyond those of the old server."""
    now = (estimate.first.idle_timeout_ms, estimate.first.exec_timeout_ms)
    limits = zip(("--idle-timeout", "--exec-timeout"), estimate.source_timeouts_ms, now, strict=True)
    return " ".join(
        f"{flag} {ms_to_seconds(old):g}" for flag, old, present in limits if old is not None and old < present
    )


def _undelivered(estimate: Estimate, again: Again) -> Iterator[dict[str, str]]:
    text = undelivered(estimate)
    if text is None:
        return
    sockets = any(config.function_type == "web-ws" for config in estimate.functions.values())
    command = again(
        "recommend", f"--reconnect {estimate.first.reconnect or likely_policy(estimate)}" if sockets else ""
    )
    yield {"text": f"{text}. What would be better:", "command": command}


def likely_policy(estimate: Estimate) -> str:
    """Return the reconnect policy that a proposed command names where none was stated: which loses least."""
    return min(estimate.policies, key=lambda one: _loss(estimate, one), default="on-demand")


def undelivered(estimate: Estimate) -> str | None:
    """Say how many messages reach nobody; None where that is not known, or they are so few that they can be borne."""
    impact, messages = estimate.impact, estimate.lives.data_messages
    if all(config.function_type != "web-ws" for config in estimate.functions.values()):
        return _unanswered(impact.cut, estimate.lives.sessions)
    if not estimate.knows_silences or not messages or Fraction(impact.undelivered, messages) <= MOST_UNDELIVERED:
        return None
    what = {
        "none": "clients stay away after a cut",
        "on-demand": "clients come back only with their next message",
        "immediate": "clients come back at once",
    }[estimate.first.reconnect or RECONNECTS[0]]
    given = "" if estimate.first.reconnect else " (--reconnect was not given)"
    share = percent(Fraction(impact.undelivered, messages))
    return f"{impact.undelivered:,} of {messages:,} messages ({share}) reach nobody, as {what}{given}"


def _unanswered(cut: int, requests: int) -> str | None:
    """Say how many requests and events are cut, none of which brings an answer."""
    share = Fraction(cut, max(requests, 1))
    if share <= MOST_UNDELIVERED:
        return None
    return f"{cut:,} of {requests:,} requests ({percent(share)}) are cut by the execution timeout before they end"


def shortfalls(estimate: Estimate) -> tuple[str, ...]:
    """Say what keeps some settings from delivering, where that is more than can be borne; empty where they deliver.

    Nothing is called cheaper, and no limit is called kept without a word, where people would not be served.
    """
    found = [text for text in [undelivered(estimate)] if text is not None]
    found += [
        one.message
        for one in estimate.warnings
        if (one.code in _REFUSED and _share_refused(estimate) > MOST_UNDELIVERED)
        or (one.code == "message_limits" and _share_beyond(estimate) > MOST_UNDELIVERED)
    ]
    return tuple(found)


_REFUSED = ("refused", "would_refuse")


def _share_refused(estimate: Estimate) -> Fraction:
    return Fraction(sum(estimate.refused.values()), max(estimate.usage["invocations"], 1))


def _share_beyond(estimate: Estimate) -> Fraction:
    return Fraction(estimate.message_limits.get("connections", 0), max(estimate.lives.sessions, 1))


def _loss(estimate: Estimate, policy: str) -> tuple[int, int]:
    impact = estimate.policies[policy][0]
    return impact.undelivered, impact.messages_delayed


def percent(share: Fraction) -> str:
    """Write a share as per cent with one decimal; what is not nothing never reads 0.0 %, nor what is not all 100.0 %.

    Examples
    --------
    >>> percent(Fraction(1, 8)), percent(Fraction(1, 10**6)), percent(Fraction(999_999, 10**6))
    ('12.5 %', '< 0.1 %', '> 99.9 %')
    """
    shown = round_fraction(share * 100, 1)
    if share and not shown:
        return "< 0.1 %"
    return "> 99.9 %" if share < 1 and shown == 100 else f"{shown} %"


def lead(estimate: Estimate, again: Again | None = None) -> dict[str, Any]:
    """Return what a report says first: the month under each policy where none was stated, and what is wrong.

    Parameters
    ----------
    estimate : Estimate
        A priced trace.
    again : callable, optional
        Writes a command for the same input; by the source's name otherwise.
    """
    known = estimate.knows_silences
    months = {
        policy: None if bill is None else str(bill.total) for policy, (_, bill) in estimate.policies.items() if known
    }
    return {"months": months, "wrong": wrong(estimate, again or ask_again(estimate))}
