"""Sweeps, recommendations, comparisons, checks and differences on a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from scfcost.core.language import _, translated
from scfcost.report import check, diff, recommendation, recommendation_notes, servers, settings, sweep, words
from scfcost.report.console import layout


def render_sweep(document: Mapping[str, Any], console: Console) -> None:
    """Print a few settings of a sweep.

    Parameters
    ----------
    document : mapping
        The plain data of `SweepResult.to_dict`.
    console : Console
        Where to print.
    """
    rows = sweep.shown_rows(document)
    header, body = settings.table_of(rows, document["currency"], without_idle=settings.without_idle(document))
    parts: list[RenderableType] = [Text(sweep.title(document), style="bold"), _settings(header, body, console)]
    parts += [Text(settings.shared(rows), style="dim"), *_unknown(document)]
    layout.show(console, *parts)


def render_recommendation(document: Mapping[str, Any], console: Console) -> None:
    """Print a recommendation: the setting, the three to choose from, what changes more, why, and how to deploy it.

    Parameters
    ----------
    document : mapping
        The plain data of `Recommendation.to_dict`.
    console : Console
        Where to print.
    """
    header, body, marked = recommendation.table_of(document)
    parts: list[RenderableType] = [Text(recommendation.headline(document), style="bold")]
    parts.append(_settings(header, body, console, marked))
    parts += [Text(f"• {text}") for text in recommendation_notes.notes(document)]
    if document["frontier"]:
        parts.append(layout.heading("Settings that nothing beats in both cost and messages lost or late"))
        shown = settings.table_of(
            document["frontier"], recommendation.money_title(document), without_idle=settings.without_idle(document)
        )
        parts.append(_settings(*shown, console))
    layout.show(console, *parts)
    if recommendation.changes(document):
        deploy = document["deploy"]
        named = "To deploy" if deploy["function"] else "To deploy, with the function's name for FUNCTION"
        layout.show(console, layout.heading(named))
        layout.command(deploy["tccli"], console)
        layout.show(console, Text(_("or by the API:"), style="dim"))
        layout.command(json.dumps(deploy["api"]), console)
        layout.show(console, Text(translated(deploy["note"]), style="dim"))


def render_comparisons(document: Mapping[str, Any], console: Console) -> None:
    """Print the platform against plain servers, for each setting.

    Parameters
    ----------
    document : mapping
        Comparisons by name, `current` and `recommended`, each the plain data of `Comparison.to_dict`.
    console : Console
        Where to print.
    """
    lines = [line for title, one in servers.compared(document) for line in servers.sentences(title, one)]
    layout.show(console, *(Text(line) for line in lines), *_unknown(document))


def render_check(document: Mapping[str, Any], console: Console) -> None:
    """Print each limit and whether it is kept.

    Parameters
    ----------
    document : mapping
        The plain data of `Check.to_dict`.
    console : Console
        Where to print.
    """
    style = "bold green" if document["verdict"] == "kept" else "bold red"
    rows = list(check.rows(document))
    told = ("limit", "asked", "found", "verdict")
    table = layout.fitted(layout.columns(check.HEADER, words=told), rows, layout.width_of(console))
    helps = [Text(f"• {text}") for text in check.remedies(document)]
    notes = [Text(text, style="yellow") for text in check.notes(document)]
    layout.show(console, Text(check.title(document), style=style), *notes, table, *helps)
    if document["command"]:
        layout.command(f"  {document['command']}", console)


def render_diff(document: Mapping[str, Any], console: Console) -> None:
    """Print what differs between two results.

    Parameters
    ----------
    document : mapping
        The plain data of `Diff.to_dict`.
    console : Console
        Where to print.
    """
    rows = list(diff.rows_of(document))
    shape = layout.columns(diff.HEADER, words=("figure",))
    body = layout.fitted(shape, rows, layout.width_of(console)) if rows else Text(diff.none_shown(document))
    notes = [Text(text, style="yellow") for text in diff.notes(document)]
    layout.show(console, Text(diff.title(document), style="bold"), body, *notes)


def _settings(
    header: Sequence[str], body: Sequence[Sequence[str]], console: Console, marked: int | None = None
) -> RenderableType:
    shape = layout.columns(header, words=("setting", "reconnect"), gives_way=settings.GIVES_WAY)
    return layout.fitted(shape, body, layout.width_of(console), marked=marked)


def _unknown(document: Mapping[str, Any]) -> Iterable[RenderableType]:
    for one in document["not_known"]:
        yield Text(
            words.not_known(one),
            style="yellow",
        )
