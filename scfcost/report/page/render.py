"""The data of an exploration into the page: text and tables here, charts and sliders in the page's own scripts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import date
from string import Template
from typing import Any

from scfcost.core.files import packaged_text
from scfcost.core.language import _, language, translated
from scfcost.report import table, words
from scfcost.report.page import advice, parts, tables, texts

_SCRIPTS = ("data", "words", "drawing", "tradeoff", "timeouts", "traffic", "keys", "controls")
"""The page's own scripts, in the order in which they run as one."""
_LANG = {"zh": "zh-CN"}


def render(document: Mapping[str, Any], *, title: str | None = None, made_on: date | None = None) -> str:
    """Return the page, in the reader's language.

    Parameters
    ----------
    document : mapping
        The plain data of `Exploration.to_dict`.
    title : str, optional
        What stands above it; what the page is about otherwise.
    made_on : date, optional
        The day that it says it was made on.

    Returns
    -------
    str
        A whole HTML file. Its policy allows its own two scripts and one style sheet by their digest, and nothing else.
    """
    estimate, insights = document["estimate"], document["insights"]
    eyebrow = title or _("What these WebSocket connections cost")
    return Template(_asset("page.html")).substitute(
        lang=_LANG.get(language(), language()),
        title=parts.text(title or f"{words.source(estimate['trace'])} · scfcost"),
        eyebrow=parts.text(eyebrow),
        dates=parts.text(_dates(document, made_on)),
        **{
            name: parts.text(said)
            for name, said in {**_head(estimate, insights["lead"]["months"]), **texts.of_template()}.items()
        },
        at_present=parts.text(_("At the present settings: {peak}.").format(peak=_peak(document))),
        contents=_contents(document),
        lead=advice.lead(insights["lead"], estimate["bill"]["currency"]),
        advice=advice.advice(document),
        findings=advice.findings(document),
        notes=advice.notes(estimate),
        bill=tables.bill(estimate),
        bill_csv=parts.download("bill.csv", table.render(estimate), _("This bill as CSV")),
        outcomes=tables.outcomes(estimate),
        policies=tables.policies(estimate, insights),
        elsewhere=tables.elsewhere(document.get("platforms")),
        dearest=tables.dearest(document),
        frontiers="".join(tables.frontiers(document["sweep"], estimate["function"])),
        silences=tables.silences(document["silences"]),
        load=tables.load(document["load"]),
        assumed=parts.bullets(insights["assumptions"]),
        left_out=parts.bullets(insights["not_included"]),
        data=parts.data(_shown(document)),
        **_assets(),
    )


def _contents(document: Mapping[str, Any]) -> str:
    return parts.contents(
        _("On this page"),
        ("advice", _("What to set") if document["advice"] is not None else ""),
        ("explore", _("What if?")),
        ("bill", _("The bill")),
        ("elsewhere", _("The same connections elsewhere") if document.get("platforms") is not None else ""),
        ("dearest", _("The ten most expensive connections")),
        ("assumed", _("What was assumed")),
    )


def _head(estimate: Mapping[str, Any], months: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the sentences above everything."""
    return {
        "source": words.source(estimate["trace"]),
        "extent": words.extent(estimate["trace"]),
        "headline": words.month_of(estimate),
        "period": _period(estimate, months),
        "sureness": _sureness(estimate),
        "trace_total": _trace_total(estimate),
        "cuts": _cuts(estimate),
        "settings": words.settings(estimate["function"]),
        "timeouts": words.timeouts(estimate["function"]),
    }


def _period(estimate: Mapping[str, Any], months: Mapping[str, Any] | None) -> str:
    """Say what the headline is of; where the reconnect policy was not stated, by which it is."""
    what = _("a month, as it is set now") if estimate["monthly"] else _("for the trace, as it is set now")
    return _("{what}, if clients stay away after a cut").format(what=what) if months else what


def _shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the scripts look up."""
    meaning = {code: translated(words.MEANING[code]) for code in document["sweep"]["codes"]}
    return {
        "sweep": {**document["sweep"], "meaning": meaning},
        "silences": document["silences"],
        "load": document["load"],
        "named": advice.named(document),
        "texts": texts.of_script(),
    }


def _assets() -> dict[str, str]:
    """Return the scripts and the style, and the digests by which the policy knows them."""
    library = _asset("vendor/uPlot.iife.min.js")
    own = "".join(_asset(f"script/{name}.js") for name in _SCRIPTS)
    assets = {"library": library, "script": f'"use strict";\n(() => {{\n{own}}})();\n'}
    assets["style"] = _asset("page.css") + _asset("vendor/uPlot.min.css")
    return assets | {f"{name}_digest": _digest(content) for name, content in assets.items()}


def _asset(name: str) -> str:
    return packaged_text("scfcost.report.page", name)


def _digest(content: str) -> str:
    """Return the digest by which a content security policy knows an inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _dates(document: Mapping[str, Any], made_on: date | None) -> str:
    """Say of which day the prices are, when they were read, and when the page was made."""
    prices = document["prices"]
    first, last = (_day(date.fromisoformat(one)) for one in prices["checked_on"])
    since = _day(date.fromisoformat(prices["effective_from"]))
    if first == last:
        said = _("prices of {catalog} in force since {since}, read on {last}")
    else:
        said = _("prices of {catalog} in force since {since}, read between {first} and {last}")
    said = said.format(catalog=prices["catalog"], since=since, first=first, last=last)
    return said if made_on is None else _("{said} · page of {day}").format(said=said, day=_day(made_on))


def _day(day: date) -> str:
    return _("{year}-{month:02}-{day:02}").format(year=day.year, month=day.month, day=day.day)


def _peak(document: Mapping[str, Any]) -> str:
    """Say what is needed at the peak, and what a month can cost at worst."""
    peak, worst = words.peak(document["estimate"]["concurrency"]), document["worst_case"]
    return peak if worst is None else f"{peak}{_('; ')}{words.worst_case(worst, worst['currency'])}"


def _cuts(estimate: Mapping[str, Any]) -> str:
    """Say in one sentence what the timeouts do; without message rows nobody knows whom a cut hurts."""
    impact, whole = estimate["impact"], words.counted(estimate["usage"]["invocations"], "invocation")
    if impact is None:
        return words.impact(estimate)
    if not impact["cut"]:
        return _("No timeout cuts any of {whole}.").format(whole=whole)
    return _(
        "The timeouts cut {cut:,} of {whole}; messages are lost, missed or late after {cut_harmful:,} of the cuts."
    ).format(cut=impact["cut"], whole=whole, cut_harmful=impact["cut_harmful"])


def _sureness(estimate: Mapping[str, Any]) -> str:
    """Say between which ends the month falls."""
    if "uncertainty" not in estimate:
        return ""
    return _("{sureness} ({drawn}).").format(sureness=words.sureness(estimate), drawn=words.drawn(estimate))


def _trace_total(estimate: Mapping[str, Any]) -> str:
    """Name the cost of the trace itself beside that of the month."""
    bill = estimate["bill"]
    if not estimate["monthly"]:
        return ""
    return _(" · {total} for the trace itself").format(total=words.money(bill["total"], bill["currency"]))
