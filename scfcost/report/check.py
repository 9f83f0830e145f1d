"""A check as its limits, each kept, broken or not judged, and what would help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scfcost.core.language import _, translated
from scfcost.report import words
from scfcost.report.markdown import escape, table

HEADER = ("limit", "asked", "found", "verdict")
"""Header of `rows`."""


def title(document: Mapping[str, Any]) -> str:
    """Say what the check comes to, and what the month costs as far as that is known."""
    verdicts = {"kept": _("All limits are kept"), "broken": _("Broken"), "not judged": _("Not judged")}
    title = verdicts[document["verdict"]]
    month = words.money(document["monthly"], document["currency"])
    if any(one["what"] in ("price", "bytes") for one in document["not_known"]):
        month = _("{month} as far as it is known").format(month=month)
    elif any(one["what"] == "silences" for one in document["not_known"]):
        month = _("{month} at a point between low and high").format(month=month)
    elif any(one["what"] == "lives" for one in document["not_known"]):
        month = _("{month} at least").format(month=month)
    return _("{title}; the month costs {month}").format(title=title, month=month)


def notes(document: Mapping[str, Any]) -> list[str]:
    """Say what keeps the settings from delivering, whatever limits they keep."""
    said = _("at these settings {text}")
    if document["verdict"] == "kept":
        said = _("no limit that was given bounds this (--max-lost, --max-missed): {text}")
    return [said.format(text=translated(text)) for text in document["shortfalls"]]


def remedies(document: Mapping[str, Any]) -> Iterator[str]:
    """Say what would keep to each limit that is broken, and what would tell of each that is not judged."""
    for remedy, limits in _grouped(document, "remedy"):
        yield _("{limit}: what would keep to it: {remedy}").format(limit=limits, remedy=remedy)
    for what, limits in _grouped(document, "would_judge"):
        yield _("{limit}: what would tell: {what}").format(limit=limits, what=what)


def _grouped(document: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    """Yield each remedy with the limits that it is for, so that it is said once."""
    found: dict[str, list[str]] = {}
    for one in document["limits"]:
        told = [one[name]] if isinstance(one[name], str) else one[name] or []
        if told:
            found.setdefault(_("; ").join(map(translated, told)), []).append(translated(one["what"]))
    yield from ((remedy, _(", ").join(limits)) for remedy, limits in found.items())


def rows(document: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield each limit, what it was held against, and the verdict."""
    for one in document["limits"]:
        asked, found = (_limit(one[name], one["limit"]) for name in ("asked", "found"))
        yield [one["what"], _("at most {asked}").format(asked=asked), found, one["verdict"]]


def _limit(value: str | None, limit: str) -> str:
    if value is None:
        return words.NOT_KNOWN
    return words.money(value) if limit in ("budget", "worst_case") else value


def markdown(document: Mapping[str, Any]) -> str:
    """Return a check as Markdown."""
    said = "".join(f"{escape(text)}\n\n" for text in notes(document))
    helps = "".join(f"\n- {escape(text)}" for text in remedies(document))
    helps += f"\n\n```sh\n{document['command']}\n```" if document["command"] else ""
    return f"**{title(document)}**\n\n{said}{table(HEADER, rows(document))}\n{helps}".rstrip() + "\n"
