"""The drivers of a month as rows, Markdown and CSV. Documents are the plain data of `Sensitivity.to_dict`."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from scfcost.core.language import _, translated
from scfcost.core.text import SafeWriter
from scfcost.report import markdown as md
from scfcost.report import words


def header(document: Mapping[str, Any]) -> list[str]:
    """Return the header of `rows`."""
    moved = f"{float(document['by']):.0%}"
    shown = ["driver", f"−{moved}", f"+{moved}", "swing"]
    return [*shown, "total order"] if _has_indices(document) else shown


def _has_indices(document: Mapping[str, Any]) -> bool:
    return any(one["total_order"] is not None for one in document["drivers"])


def rows(document: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield a row a driver, the strongest first."""
    for one in document["drivers"]:
        cells = [translated(one["name"]), *(words.money(one[key]) for key in ("low", "high", "swing"))]
        yield [*cells, f"{one['total_order']:.2f}"] if _has_indices(document) else cells


def title(document: Mapping[str, Any]) -> str:
    """Say what is moved."""
    month = words.money(document["monthly"], document["currency"])
    unknown = {one["what"] for one in document["not_known"]}
    kind = _(" at a point between low and high") if "silences" in unknown else ""
    kind += _(", as far as it is known") if unknown & {"price", "bytes"} else ""
    return _("A month costs {month}{kind}; each driver moved alone:").format(month=month, kind=kind)


def notes(document: Mapping[str, Any]) -> list[str]:
    """Say what keeps the settings from delivering: a driver that saves may do so by cutting people off."""
    found = [_("at these settings {text}").format(text=translated(text)) for text in document["shortfalls"]]
    if any(one["what"] == "silences" for one in document["not_known"]):
        found.append(_("the idle timeout is no driver here: how long connections are silent is not known"))
    return found


def bar(document: Mapping[str, Any], number: int, width: int) -> str:
    """Draw one driver's months around the month as estimated, to the scale of all drivers.

    Parameters
    ----------
    document : mapping
        The plain data of `Sensitivity.to_dict`.
    number : int
        Place of the driver. [1]
    width : int
        Columns on either side of the month. [1]
    """
    point = Decimal(document["monthly"])
    ends = [[Decimal(one[key]) - point for key in ("low", "high")] for one in document["drivers"]]
    widest = max((abs(end) for pair in ends for end in pair), default=Decimal(0)) or Decimal(1)
    left, right = (round(float(max(sign * end for end in ends[number]) / widest) * width) for sign in (-1, 1))
    return ("█" * max(left, 0)).rjust(width) + "│" + ("█" * max(right, 0)).ljust(width)


def markdown(document: Mapping[str, Any]) -> str:
    """Return the drivers as Markdown."""
    shortfalls = "".join(f"{md.escape(text)}\n\n" for text in notes(document))
    return f"{title(document)}\n\n{shortfalls}{md.table(header(document), rows(document))}\n"


def csv_rows(document: Mapping[str, Any]) -> str:
    """Return the drivers as CSV, exact."""
    text = io.StringIO()
    keys = ("name", "low", "high", "swing", "total_order")
    writer = SafeWriter(text)
    writer.writerow([*keys, "monthly", "by", "currency"])
    for one in document["drivers"]:
        writer.writerow([*(one[key] for key in keys), document["monthly"], document["by"], document["currency"]])
    return text.getvalue()
