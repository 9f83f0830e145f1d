"""Sweeps, recommendations, comparisons and differences on a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from scfcost.report import choices, words
from scfcost.report.console.estimate import WIDEST, heading


def render_sweep(title: str, rows: Sequence[Mapping[str, Any]], currency: str, console: Console) -> None:
    """Print a few settings of a sweep."""
    _print(console, Text(title, style="bold"), _settings([("", choices.setting_row(row)) for row in rows], currency))


def render_recommendation(document: Mapping[str, Any], console: Console) -> None:
    """Print a recommendation: the setting, its neighbours, why, and how to deploy it."""
    currency = document["currency"]
    table = _settings(list(choices.recommendation_rows(document)), currency)
    parts: list[RenderableType] = [Text(choices.headline(document), style="bold"), table]
    parts += [Text(f"• {text}") for text in document["reasons"]]
    parts += [Text(f"• {text}", style="yellow") for text in document["binding"]]
    if document["interval_80"]:
        low, high = document["interval_80"]
        between = f"{words.money(low, currency)} and {words.money(high)}"
        text = f"80 % of months with other sessions of this kind cost between {between}"
        parts.append(Text(f"• {text}"))
    if beat := choices.heartbeat_sentence(document):
        parts.append(Text(f"• {beat}"))
    parts += [Text(f"• {text}") for text in choices.instance_sentences(document)]
    if plans := list(choices.plan_sentences(document)):
        parts.append(Text(f"• plans for such a month: {'; '.join(plans)}"))
    parts.append(heading("The frontier: settings that nothing beats in both cost and harm"))
    parts.append(_settings([("", choices.setting_row(row)) for row in document["frontier"]], currency))
    if document["recommended"] is not None:
        deploy = document["deploy"]
        parts += [heading("To deploy"), Text(deploy["tccli"]), Text(json.dumps(deploy["api"]), style="dim")]
        parts.append(Text(deploy["note"], style="dim"))
    _print(console, *parts)


def render_comparisons(documents: Mapping[str, Mapping[str, Any]], console: Console) -> None:
    """Print the platform against plain servers, for each setting."""
    lines = [line for title, one in documents.items() for line in choices.compare_sentences(title, one)]
    _print(console, *(Text(line) for line in lines))


def render_diff(document: Mapping[str, Any], console: Console) -> None:
    """Print what differs between two results."""
    currency = document["currency"]
    base, head = (words.money(document[key], currency) for key in ("base_monthly", "head_monthly"))
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("figure")
    for name in ("base", "head", "change"):
        table.add_column(name, justify="right")
    for one in document["differences"]:
        table.add_row(one["name"], one["base"] or "–", one["head"] or "–", one["change"])
    body = table if document["differences"] else Text("No figure differs.")
    _print(console, Text(f"{base} → {head} a month", style="bold"), body)


def _settings(rows: Sequence[tuple[str, Sequence[str]]], currency: str) -> Table:
    """Return settings as a table, each with its name where it has one; a memory that all share is told below it."""
    memory = choices.SETTING_HEADER.index("memory")
    memories = {cells[memory] for _, cells in rows}
    shown = [k for k in range(len(choices.SETTING_HEADER)) if k != memory or len(memories) > 1]
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0), caption_justify="left")
    if len(memories) == 1:
        table.caption = f"memory {memories.pop()}"
    named = any(name for name, _ in rows)
    if named:
        table.add_column("setting", no_wrap=True)
    for k in shown:
        title = choices.SETTING_HEADER[k]
        title = f"month {currency}" if title == "month" else title
        table.add_column(title.replace(" ", "\n"), justify="right", no_wrap=True)
    for name, cells in rows:
        style = "bold green" if name == "recommended" else ""
        table.add_row(*([name] if named else []), *(cells[k] for k in shown), style=style)
    return table


def _print(console: Console, *parts: RenderableType) -> None:
    console.print(Group(*parts), width=min(console.width, WIDEST))
