"""The bill as CSV: a row a line item, exact."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from scfcost.core.text import SafeWriter

_COLUMNS = ("item", "quantity", "unit", "free", "unit_price", "amount", "amount_exact")


def render(document: Mapping[str, Any]) -> str:
    """Return the lines of the bill and of the month as CSV, each with its scope, `trace` or `month`.

    Where silences are not known these are the point, and `trace low`, `trace high`, `month low` and `month high`
    follow.
    """
    text = io.StringIO()
    writer = SafeWriter(text)
    writer.writerow(["scope", "currency", "catalog", "plan", *_COLUMNS])
    scopes = [("trace", document["bill"]), ("month", document["monthly"])]
    for which, ends in document.get("bounds", {}).items():
        scopes += [(f"trace {which}", ends["bill"]), (f"month {which}", ends["monthly"])]
    for scope, bill in scopes:
        if bill is None:
            continue
        head = [scope, *(bill[name] for name in ("currency", "catalog", "plan"))]
        for line in bill["lines"]:
            writer.writerow([*head, *("unknown" if line[name] is None else line[name] for name in _COLUMNS)])
        writer.writerow([*head, "total", "", "", "", "", bill["total"], bill["total_exact"]])
    return text.getvalue()
