"""The difference of two estimates, for a terminal and for the comment of a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scfcost.core.language import _, translated
from scfcost.report import words
from scfcost.report.markdown import escape, table

MARKER = "<!-- scfcost-diff -->"
"""Hidden first line of a difference in Markdown, by which a comment of a pull request can be found and updated."""
HEADER = ("figure", "base", "head", "change", "%")
"""Header of `rows_of`."""


def title(document: Mapping[str, Any]) -> str:
    """Say how the month changes."""
    base, head = (words.money(document[key], document["currency"]) for key in ("base_monthly", "head_monthly"))
    change = f" ({document['percent']})" if document["percent"] else ""
    said = _("{base} → {head} a month{change}").format(base=base, head=head, change=change)
    return said if document["complete"] else said + _(" (known part)")


def none_shown(document: Mapping[str, Any]) -> str:
    """Say why no figure is shown: none differs, or none by as much as was asked for."""
    if not document["hidden"]:
        return _("No figure differs.")
    return _("No figure changes by more than was asked for; {hidden} change by less.").format(hidden=document["hidden"])


def rows_of(document: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield the figures that differ."""
    for one in document["differences"]:
        yield [one["name"], one["base"] or "–", one["head"] or "–", one["change"], one["percent"]]


def notes(document: Mapping[str, Any]) -> list[str]:
    """Say what the months do not hold."""
    return [_("the months are no verdict: {text}").format(text=translated(text)) for text in document["not_known"]]


def markdown(document: Mapping[str, Any]) -> str:
    """Return a difference as Markdown, with a hidden marker in its first line."""
    rows = list(rows_of(document))
    body = table(HEADER, rows) if rows else none_shown(document)
    said = "".join(f"\n> {escape(text)}\n" for text in notes(document))
    return f"{MARKER}\n## {_('Cost difference')}\n\n**{title(document)}**\n\n{body}\n{said}"
