"""A sweep as the settings that nothing beats, for every form of output."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from scfcost.core.language import _, translated
from scfcost.core.text import SafeWriter
from scfcost.report import settings
from scfcost.report.markdown import escape, table

_SHOWN = 12
"""Settings of a sweep that are shown. [1]"""


def title(document: Mapping[str, Any]) -> str:
    """Say how many settings there are, and which are shown."""
    rows = document["rows"]
    if settings.is_silent(document):
        shown = shown_rows(document)
        some = "" if len(shown) == len(rows) else _(", {shown} of them here").format(shown=len(shown))
        return _("{rows:,} settings{some}, each between low and high: silences are not known").format(
            rows=len(rows), some=some
        )
    unbeaten = _unbeaten(document)
    shown, whole = settings.thinned(unbeaten, _SHOWN), len(unbeaten)
    some = _("{shown} of the {whole:,}").format(shown=len(shown), whole=whole) if whole > len(shown) else f"{whole}"
    text = _("{rows:,} settings; {some} that nothing beats in both cost and messages lost or late")
    if settings.without_idle(document):
        text = _("{rows:,} settings; {some} that nothing beats in both cost and requests that are cut")
    text = text.format(rows=len(rows), some=some)
    return _("{text} (costs are the known part)").format(text=text) if settings.is_part(document) else text


def shown_rows(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the settings of a sweep that are shown: some of those that nothing beats in cost and harm."""
    return settings.thinned(document["rows"] if settings.is_silent(document) else _unbeaten(document), _SHOWN)


def _unbeaten(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = document["rows"]
    best: int | None = None
    kept = []
    harm = _cut if settings.without_idle(document) else settings.noticed
    for _cost, missed, place in sorted((settings.amount(row), harm(row), place) for place, row in enumerate(rows)):
        if best is None or missed < best:
            best = missed
            kept.append(rows[place])
    return kept


def _cut(row: Mapping[str, Any]) -> int:
    return int(row["cut_harmful"] + row["cut_harmless"])


def markdown(document: Mapping[str, Any]) -> str:
    """Return some settings of a sweep as Markdown."""
    rows = shown_rows(document)
    shown = settings.table_of(rows, document["currency"], without_idle=settings.without_idle(document))
    parts = [title(document), table(*shown), settings.shared(rows)]
    parts += [f"> {escape(translated(one['message']))}" for one in document["not_known"]]
    return "\n\n".join(part for part in parts if part) + "\n"


def csv_rows(document: Mapping[str, Any]) -> str:
    """Return every setting of a sweep as CSV, exact; what is not known is empty."""
    text = io.StringIO()
    writer = SafeWriter(text)
    writer.writerow(document["rows"][0])
    writer.writerows(row.values() for row in document["rows"])
    return text.getvalue()
