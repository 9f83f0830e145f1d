"""The data of an exploration into the page: text and tables here, charts and sliders in the page's own script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from string import Template
from typing import Any

from scfcost.core.files import packaged_text
from scfcost.core.language import ENGLISH, speaking
from scfcost.report import choices, words
from scfcost.report.page import parts

_SHOWN = 8
"""Rows of a table that stands for a chart. [1]"""


@speaking(ENGLISH)  # its scripts and its own sentences are English: a page speaks one language
def render(document: Mapping[str, Any]) -> str:
    """Return the page.

    Parameters
    ----------
    document : mapping
        The plain data of `Exploration.to_dict`.

    Returns
    -------
    str
        A whole HTML file. Its policy allows its own two scripts and one style sheet by their digest, and nothing else.
    """
    estimate, insights = document["estimate"], document["insights"]
    library, script, style = _asset("vendor/uPlot.iife.min.js"), _asset("page.js"), _asset("page.css")
    style += _asset("vendor/uPlot.min.css")
    meaning = {code: words.MEANING[code] for code in document["sweep"]["codes"]}
    shown = {
        "sweep": {**document["sweep"], "meaning": meaning},
        "silences": document["silences"],
        "load": document["load"],
    }
    return Template(_asset("page.html")).substitute(
        title=parts.text(f"{words.source(estimate['trace'])} · scfcost"),
        source=parts.text(words.source(estimate["trace"])),
        extent=parts.text(words.extent(estimate["trace"])),
        headline=parts.text(words.month_of(estimate)),
        lead=_lead(insights["lead"], estimate["bill"]["currency"]),
        period=_period(estimate, insights["lead"]["months"]),
        sureness=parts.text(_sureness(estimate)),
        trace_total=parts.text(_trace_total(estimate)),
        cuts=parts.text(_cuts(estimate)),
        settings=parts.text(words.settings(estimate["function"])),
        timeouts=parts.text(words.timeouts(estimate["function"])),
        findings=_findings(document),
        notes=_notes(estimate),
        bill=_bill(estimate),
        outcomes=_outcomes(estimate),
        policies=_policies(estimate, insights),
        dearest=_dearest(document),
        frontiers="".join(_frontiers(document["sweep"])),
        silences=_silences(document["silences"]),
        load=_load(document["load"]),
        peak=parts.text(_peak(document)),
        assumed=parts.bullets(insights["assumptions"]),
        left_out=parts.bullets(insights["not_included"]),
        data=parts.data(shown),
        library=library,
        script=script,
        style=style,
        library_digest=_digest(library),
        script_digest=_digest(script),
        style_digest=_digest(style),
    )


def _peak(document: Mapping[str, Any]) -> str:
    """Say what is needed at the peak, and what a month can cost at worst."""
    peak, worst = words.peak(document["estimate"]["concurrency"]), document["worst_case"]
    return peak if worst is None else f"{peak}; {words.worst_case(worst, worst['currency'])}"


def _asset(name: str) -> str:
    return packaged_text("scfcost.report.page", name)


def _digest(content: str) -> str:
    """Return the digest by which a content security policy knows an inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _cuts(estimate: Mapping[str, Any]) -> str:
    """Say in one sentence what the timeouts do; without message rows nobody knows whom a cut hurts."""
    impact, whole = estimate["impact"], words.counted(estimate["usage"]["invocations"], "invocation")
    if impact is None:
        return words.impact(estimate)
    if not impact["cut"]:
        return f"No timeout cuts any of {whole}."
    said = f"The timeouts cut {impact['cut']:,} of {whole}"
    return f"{said}; messages are lost, missed or late after {impact['cut_harmful']:,} of the cuts."


def _sureness(estimate: Mapping[str, Any]) -> str:
    """Say between which ends the month falls."""
    return f"{words.sureness(estimate)} ({words.drawn(estimate)})." if "uncertainty" in estimate else ""


def _trace_total(estimate: Mapping[str, Any]) -> str:
    """Name the cost of the trace itself beside that of the month."""
    bill = estimate["bill"]
    return f" · {words.money(bill['total'], bill['currency'])} for the trace itself" if estimate["monthly"] else ""


def _lead(lead: Mapping[str, Any], currency: str) -> str:
    """Say before any month what it hangs on, the one thing that is wrong, and the command that shows the remedy."""
    said = f"<p>{parts.text(words.policy_months(lead['months'], currency))}</p>" if lead["months"] else ""
    if lead["wrong"] is not None:
        text, command = parts.text(lead["wrong"]["text"]), parts.text(lead["wrong"]["command"])
        said += f'<p class="answer"><strong>{text}</strong></p><p><code>{command}</code></p>'
    return f'<div class="lead">{said}</div>' if said else ""


def _period(estimate: Mapping[str, Any], months: Mapping[str, Any]) -> str:
    """Say what the headline is of; where the reconnect policy was not stated, by which it is."""
    what = f"{'a month' if estimate['monthly'] else 'for the trace'}, as it is set now"
    return f"{what}, if clients stay away after a cut" if months else what


def _findings(document: Mapping[str, Any]) -> str:
    currency = document["estimate"]["bill"]["currency"]
    found = [
        f"{one['text']}: saves {words.money(one['saving'], currency)} a month"
        for one in document["insights"]["findings"]
    ]
    return f'<section class="card"><h2>Worth changing</h2>{parts.bullets(found)}</section>' if found else ""


def _notes(estimate: Mapping[str, Any]) -> str:
    said = [f"Not known: {one['message']}. What would tell: {one['remedy']}." for one in estimate["not_known"]]
    said += [one["message"] for one in estimate["warnings"]]
    return f'<section class="card"><h2>Notes</h2>{parts.bullets(said)}</section>' if said else ""


def _bill(estimate: Mapping[str, Any]) -> str:
    monthly = estimate["monthly"]
    columns = ("item", "quantity", "unit", "free", "unit_price", *(("month",) if monthly else ()), "trace")
    rows = [[row[name] for name in columns] for row in words.lines(estimate)]
    totals = [words.money(bill["total"]) for bill in (monthly, estimate["bill"]) if bill]
    rows.append([words.total_label(estimate), *[""] * (len(columns) - 1 - len(totals)), *totals])
    header = ("line", "use a month" if monthly else "quantity", "unit", *(one.replace("_", " ") for one in columns[3:]))
    plan = (monthly or estimate["bill"])["plan"]
    return parts.table(f"Bill at the present settings · {estimate['bill']['catalog']} · plan {plan}", header, rows)


def _outcomes(estimate: Mapping[str, Any]) -> str:
    rows = [[row[0], row[-1], *row[1:-1]] for row in words.outcome_rows(estimate)]
    header = words.outcome_header(estimate)
    titles = (header[0], header[-1], *header[1:-1])
    return parts.table("How invocations end at the present settings", titles, rows, words_first=2)


def _policies(estimate: Mapping[str, Any], insights: Mapping[str, Any]) -> str:
    if not insights["reconnect_policies"]:
        return ""
    header = words.policy_header(estimate["bill"]["currency"])
    caption = "If clients came back (the policy was not given, so the bill takes none)"
    return parts.table(caption, header, words.policy_rows(insights["reconnect_policies"]))


def _dearest(document: Mapping[str, Any]) -> str:
    currency = document["sweep"]["currency"]
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
        *("bytes sent", f"{currency}, this trace"),
    )
    caption = "The most expensive connections at the present settings, each as if alone on its instances"
    return parts.table(caption, header, rows, words_first=3)


def _frontiers(sweep: Mapping[str, Any]) -> Iterator[str]:
    """Yield, for each policy at the present memory, the settings that nothing beats: what the heatmap shows."""
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
            for place in choices.thinned(plane["frontier"], _SHOWN)
        ]
        caption = f"Settings that nothing beats in both cost and messages lost or late, reconnect {policy}"
        if rows:
            yield parts.table(caption, *choices.setting_table(rows, sweep["currency"]))


def _silences(silences: Mapping[str, Any] | None) -> str:
    if silences is None:
        return ""
    whole = max(silences["total"], 1)
    rows = [[f"{seconds:,} s", f"{longer:,}", f"{longer / whole:.3%}"] for seconds, longer in silences["rows"]]
    return parts.table("How long connections are silent", ("longer than", "silences", "share"), rows)


def _load(load: Mapping[str, Any]) -> str:
    """Show the busiest moments: what the chart over time is read for."""
    order = sorted(range(len(load["start_s"])), key=lambda k: -load["connections"][k])[:_SHOWN]
    rows = [
        [
            words.moment(load["start_s"][k]),
            *(f"{load[name][k]:,}" for name in ("connections", "instances", "memory_mb")),
        ]
        for k in order
    ]
    header = ("from (UTC)", "connections at once", "busy instances", "their memory, MB")
    return parts.table("The busiest moments", header, rows)
