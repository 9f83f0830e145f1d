"""Tables of the page: the bill, the dearest connections, and those that stand for the charts without scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scfcost.core.language import _
from scfcost.report import platforms, settings, words
from scfcost.report.page import parts

_SHOWN = 8
"""Rows of a table that stands for a chart. [1]"""


def bill(estimate: Mapping[str, Any]) -> str:
    """Return the lines of the bill, of the month beside the trace itself."""
    monthly = estimate["monthly"]
    columns = ("item", "quantity", "unit", "free", "unit_price", *(("month",) if monthly else ()), "trace")
    rows = [[row[name] for name in columns] for row in words.lines(estimate)]
    totals = [words.money(bill["total"]) for bill in (monthly, estimate["bill"]) if bill]
    rows.append([words.total_label(estimate), *[""] * (len(columns) - 1 - len(totals)), *totals])
    header = ("line", "use a month" if monthly else "quantity", "unit", *(one.replace("_", " ") for one in columns[3:]))
    caption = _("Bill at the present settings · {catalog} · plan {plan}").format(
        catalog=estimate["bill"]["catalog"], plan=(monthly or estimate["bill"])["plan"]
    )
    return parts.table(caption, header, rows)


def outcomes(estimate: Mapping[str, Any]) -> str:
    """Return how invocations end."""
    rows = [[row[0], row[-1], *row[1:-1]] for row in words.outcome_rows(estimate)]
    header = words.outcome_header(estimate)
    titles = (header[0], header[-1], *header[1:-1])
    return parts.table(_("How invocations end at the present settings"), titles, rows, words_first=2)


def policies(estimate: Mapping[str, Any], insights: Mapping[str, Any]) -> str:
    """Return what each reconnect policy would give, where none was stated.

    Parameters
    ----------
    estimate : mapping
        The plain data of `Estimate.to_dict`.
    insights : mapping
        What `insights.insights` says of it.
    """
    if not insights["reconnect_policies"]:
        return ""
    header = words.policy_header(estimate["bill"]["currency"])
    caption = _("If clients came back (the policy was not given, so the bill takes none)")
    return parts.table(caption, header, words.policy_rows(insights["reconnect_policies"]))


def elsewhere(compared: Mapping[str, Any] | None) -> str:
    """Return the section of the same connections on other platforms, nothing where they were not compared.

    Parameters
    ----------
    compared : mapping, optional
        The plain data of `Platforms.to_dict`.
    """
    if compared is None:
        return ""
    shown = parts.table(platforms.title(compared), platforms.header(compared), platforms.rows(compared))
    notes = (_("{title}: {text}").format(title=name, text=text) for name, text in platforms.notes(compared))
    known = parts.folded(_("What to know of each"), parts.bullets(notes))
    last = "".join(f"<p>{parts.text(text)}</p>" for text in platforms.closing(compared))
    return parts.closable(_("The same connections elsewhere"), shown, known, last, anchor="elsewhere")


def dearest(document: Mapping[str, Any]) -> str:
    """Return the most expensive connections."""
    rows = [
        [
            one["connection_id"], one["function"], one["start"].replace("T", " ").replace("Z", ""),
            words.duration(one["natural_ms"]), f"{one['invocations']:,}", words.duration(one["connection_ms"]),
            f"{one['egress_bytes']:,}", words.quantity(one["amount"], 6),
        ]
        for one in document["dearest"]
    ]  # fmt: skip
    header = (
        *("connection", "function", "connected (UTC)", "life without timeouts", "invocations", "billed"),
        *("bytes sent", _("{currency}, this trace").format(currency=document["sweep"]["currency"])),
    )
    caption = _("The most expensive connections at the present settings, each as if alone on its instances")
    shown = parts.table(caption, header, rows, words_first=3)
    return parts.closable(_("The ten most expensive connections"), shown, anchor="dearest")


def frontiers(sweep: Mapping[str, Any], function: Mapping[str, Any]) -> Iterator[str]:
    """Yield, for each policy at the present memory, the settings that nothing beats: what the heatmap shows.

    Parameters
    ----------
    sweep : mapping
        The sweep around the present settings, as the page holds it.
    function : mapping
        The present settings.
    """
    present, width = sweep["present"], len(sweep["idle_s"])
    for plane in sweep["planes"]:
        policy, held, memory = plane["key"].split("|")
        if (int(held), int(memory)) != (present["max_concurrency"], present["memory_mb"]):
            continue
        counts = {name: column.split(" ") for name, column in sweep["counts"][plane["counts"]].items()}
        cost = plane[sweep["cost"]].split(" ")
        rows = [
            {
                "idle_timeout_s": sweep["idle_s"][place % width],
                "exec_timeout_s": sweep["exec_s"][place // width],
                "memory_mb": int(memory),
                "monthly_amount": cost[place],
                **{name: int(column[place]) for name, column in counts.items()},
            }
            for place in settings.thinned(plane["frontier"], _SHOWN)
        ]
        caption = _("Settings that nothing beats in both cost and messages lost or late, reconnect {policy}")
        if rows:
            shown = settings.table_of(rows, sweep["currency"], without_idle=settings.without_idle(function))
            yield parts.table(caption.format(policy=policy), *shown)


def silences(found: Mapping[str, Any] | None) -> str:
    """Return how many silences last longer than round times; nothing where they are not known."""
    if found is None:
        return ""
    whole = max(found["total"], 1)
    rows = [[f"{seconds:,} s", f"{longer:,}", f"{longer / whole:.3%}"] for seconds, longer in found["rows"]]
    return parts.table(_("How long connections are silent"), ("longer than", "silences", "share"), rows)


def load(found: Mapping[str, Any]) -> str:
    """Return the busiest moments: what the chart over time is read for."""
    order = sorted(range(len(found["start_s"])), key=lambda k: -found["connections"][k])[:_SHOWN]
    rows = [
        [
            words.moment(found["start_s"][k]),
            *(f"{found[name][k]:,}" for name in ("connections", "instances", "memory_mb")),
        ]
        for k in order
    ]
    header = ("from (UTC)", "connections at once", "busy instances", "their memory, MB")
    return parts.table(_("The busiest moments"), header, rows)
