"""The platform against plain servers, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scfcost.core.language import _, translated
from scfcost.report import words
from scfcost.report.markdown import escape


def compared(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each setting that was compared with servers, by its name."""
    for name in ("current", "recommended"):
        if name in document:
            one = document[name]
            timeouts = one["setting"]
            shown = _("idle timeout {idle_timeout_s:g} s, execution timeout {exec_timeout_s:g} s").format(
                idle_timeout_s=timeouts["idle_timeout_s"], exec_timeout_s=timeouts["exec_timeout_s"]
            )
            yield f"{translated(name)} ({shown})", one


def sentences(title: str, document: Mapping[str, Any]) -> list[str]:
    """Say what the platform and plain servers cost, which is cheaper where both deliver, and where they meet.

    Parameters
    ----------
    title : str
        What the setting is called.
    document : mapping
        The plain data of `Comparison.to_dict`.
    """
    currency = document["currency"]
    low, high = document["platform_low"], document["platform_high"]
    month = words.money(document["platform_monthly"], currency)
    if high is None:
        month = _("{low} (the known part)").format(low=words.money(low, currency))
    elif low != high:
        month = _("{low} to {high}").format(low=words.money(low, currency), high=words.money(high))
    servers = f"{words.counted(document['servers'], 'server')} {words.money(document['server_monthly'], currency)}"
    verdict = (
        _("the {cheaper} is cheaper").format(cheaper=translated(document["cheaper"]))
        if document["cheaper"]
        else _("no verdict: {reason}").format(reason=_open(document))
    )
    lines = [
        _("{title}: platform {month} a month, {servers}: {verdict}").format(
            title=title, month=month, servers=servers, verdict=verdict
        )
    ]
    if None not in (document["break_even_hours"], document["cheaper"], high):
        lines.append(
            _(
                "both cost the same at {break_even_hours} connection-hours a month ({break_even_connections} "
                "connections always open); this trace has {connection_hours}"
            ).format(
                break_even_hours=words.quantity(document["break_even_hours"], 1),
                break_even_connections=words.quantity(document["break_even_connections"], 1),
                connection_hours=words.quantity(document["connection_hours"], 1),
            )
        )
    return lines


def _open(document: Mapping[str, Any]) -> str:
    if document["platform_high"] is None:
        return _("not all of the platform's month is known")
    if document["reason"]:
        return translated(document["reason"])
    return _("the servers cost something between the platform's ends")


def markdown(document: Mapping[str, Any]) -> str:
    """Return the platform against plain servers as Markdown."""
    lines = [line for title, one in compared(document) for line in sentences(title, one)]
    lines += [words.not_known(one) for one in document["not_known"]]
    return "\n".join(f"- {escape(line)}" for line in lines) + "\n"
