"""What the page says to do: what is wrong, which setting to deploy, what else saves, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scfcost.core.language import _, translated
from scfcost.report import recommendation, recommendation_notes, words
from scfcost.report.page import parts


def lead(found: Mapping[str, Any], currency: str) -> str:
    """Say before any month what it hangs on, the one thing that is wrong, and the command that shows the remedy.

    Parameters
    ----------
    found : mapping
        The lead of `insights.insights`.
    currency : str
        Currency of its months.
    """
    said = f"<p>{parts.text(words.policy_months(found['months'], currency))}</p>" if found["months"] else ""
    if found["wrong"] is not None:
        said += f'<p class="answer"><strong>{parts.text(translated(found["wrong"]["text"]))}</strong></p>'
        said += parts.command(found["wrong"]["command"], _("Copy"))
    return f'<div class="lead">{said}</div>' if said else ""


def advice(document: Mapping[str, Any]) -> str:
    """Return the recommendation: the settings to choose from, why, and the command to paste.

    Parameters
    ----------
    document : mapping
        The plain data of `Exploration.to_dict`; its `advice` is that of `Recommendation.to_dict`, or None.
    """
    found = document["advice"]
    if found is None:
        return ""
    header, rows, marked = recommendation.table_of(found)
    body = [f'<p class="answer">{parts.text(recommendation.headline(found))}</p>']
    if len(rows) > 1:
        body.append(parts.table(_("Settings to choose from"), header, rows, marked=marked))
    if recommendation.changes(found):
        named = "To deploy" if found["deploy"]["function"] else "To deploy, with the function's name for FUNCTION"
        body.append(f"<p>{parts.text(translated(named))}</p>")
        body.append(parts.command(found["deploy"]["tccli"], _("Copy")))
    body.append(parts.folded(_("Why, and what else there is"), parts.bullets(recommendation_notes.notes(found))))
    return parts.card(_("What to set"), *body, anchor="advice")


def named(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the settings of the recommendation that the page holds: what each is called, and its timeouts.

    Parameters
    ----------
    document : mapping
        The plain data of `Exploration.to_dict`.

    Returns
    -------
    list of dict
        name, title, idle_s and exec_s [s] of each; several names of one setting are one title.
    """
    found, swept = document["advice"], document["sweep"]
    shown: dict[tuple[float, float], dict[str, Any]] = {}
    for name, row in _rows(found, swept["present"]):
        at = (row["idle_timeout_s"], row["exec_timeout_s"])
        if at[0] not in swept["idle_s"] or at[1] not in swept["exec_s"]:
            continue
        one = shown.setdefault(at, {"names": [], "title": "", "idle_s": at[0], "exec_s": at[1]})
        one["names"].append(name)
        one["title"] = _(", ").join([*filter(None, [one["title"]]), translated(name)])
    return list(shown.values())


def _rows(found: Mapping[str, Any] | None, present: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name in recommendation.STRATEGIES if found is not None else ():
        if found is not None and found[name] is not None:
            yield name, found[name]
    yield "now", {"idle_timeout_s": present["idle_s"], "exec_timeout_s": present["exec_s"]}


def findings(document: Mapping[str, Any]) -> str:
    """Return what else saves money."""
    currency = document["estimate"]["bill"]["currency"]
    found = [
        _("{text}: saves {saving} a month").format(
            text=translated(one["text"]), saving=words.money(one["saving"], currency)
        )
        for one in document["insights"]["findings"]
    ]
    return parts.card(_("Worth changing"), parts.bullets(found)) if found else ""


def notes(estimate: Mapping[str, Any]) -> str:
    """Return what is not known, and what else is to be noted."""
    said = [
        _("Not known: {message}. What would tell: {remedy}.").format(
            message=translated(one["message"]), remedy=translated(one["remedy"])
        )
        for one in estimate["not_known"]
    ]
    said += [one["message"] for one in estimate["warnings"]]
    return parts.card(_("Notes"), parts.bullets(said)) if said else ""
