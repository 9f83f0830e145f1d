"""The forms of each document, chosen by its schema: a new kind of answer is one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Forms:
    """What draws and writes one kind of document: functions of `report`, as module:function, none where it has none."""

    noun: str
    """What the document is called."""
    table: str
    """Takes the document and a console."""
    markdown: str = ""
    csv: str = ""
    sh: str = ""

    def names(self) -> list[str]:
        """Return the forms that the document has."""
        return [name for name in ("table", "json", "csv", "markdown", "sh") if name == "json" or getattr(self, name)]


FORMS = {
    "estimate": Forms("an estimate", "console.estimate:render", "markdown:render", "table:render"),
    "sweep": Forms("a sweep", "console.choices:render_sweep", "sweep:markdown", "sweep:csv_rows"),
    "recommend": Forms(
        "a recommendation", "console.choices:render_recommendation", "recommendation:markdown",
        sh="recommendation:deploy_script",
    ),
    "compare": Forms("a comparison", "console.choices:render_comparisons", "servers:markdown"),
    "platforms": Forms(
        "a table of platforms", "console.platforms:render", "platforms:markdown_of", "platforms:csv_of"
    ),
    "platform": Forms(
        "an estimate on a platform", "console.platform:render", "platform:markdown_of", "platform:csv_of"
    ),
    "diff": Forms("a difference", "console.choices:render_diff", "diff:markdown"),
    "check": Forms("a check", "console.choices:render_check", "check:markdown"),
    "capacity": Forms("a capacity", "console.capacity:render_capacity", "capacity:markdown"),
    "reconcile": Forms(
        "a reconciliation", "console.reconciliation:render_reconciliation", "reconciliation:markdown"
    ),
    "sensitivity": Forms(
        "what drives a month", "console.sensitivity:render", "sensitivity:markdown", "sensitivity:csv_rows"
    ),
    "price": Forms("a quotation", "console.quotation:render", "quotation:markdown_of", "quotation:csv_of"),
    "architecture": Forms(
        "an architecture", "console.architecture:render", "architecture:markdown", "architecture:csv_rows"
    ),
}  # fmt: skip
"""The forms of each document by its schema's name, without prefix and number."""


def kind_of(document: Mapping[str, Any]) -> str:
    """Return the name of a document's schema, such as "estimate" of scfcost.estimate/1."""
    return str(document["schema"]).removeprefix("scfcost.").partition("/")[0]


def renderer(kind: str, form: str) -> Callable[..., Any]:
    """Return the function that draws or writes a kind of document in a form.

    Parameters
    ----------
    kind : str
        Name of the schema, such as "sweep".
    form : str
        One of the names of `Forms.names`, but for "json".
    """
    module, _, name = getattr(FORMS[kind], form).partition(":")
    found: Callable[..., Any] = getattr(import_module(f"scfcost.report.{module}"), name)
    return found
