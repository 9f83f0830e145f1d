"""Each form of a report, from a document written by hand."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from rich.console import Console

from scfcost.report import html, markdown, table, words
from scfcost.report.console import estimate as console
from scfcost.report.console import layout

Plain = dict[str, Any]
GOLDEN = Path(__file__).parent / "golden" / "estimate_80.txt"
SCREEN = 40
"""Lines of a screen. [1]"""


def screen(document: Plain, insights: Plain, width: int = 80, **how: Any) -> str:
    text = io.StringIO()
    screen = Console(file=text, width=width, markup=False, emoji=False, **how)
    console.render(document, screen, insights=insights)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def test_the_document_of_these_tests_holds_to_the_schema(document: Plain, without_messages: Plain) -> None:
    schema = json.loads((files("scfcost.report") / "estimate.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(without_messages, schema)


@pytest.mark.parametrize("broken", ["schema", "usage", "bill"])
def test_the_schema_refuses_a_document_with_a_part_missing(document: Plain, broken: str) -> None:
    schema = json.loads((files("scfcost.report") / "estimate.schema.json").read_text(encoding="utf-8"))
    del document[broken]
    with pytest.raises(jsonschema.ValidationError, match=f"'{broken}' is a required property"):
        jsonschema.validate(document, schema)


def test_the_screen_is_the_golden_one(document: Plain, insights: Plain) -> None:
    shown = screen(document, insights)
    assert shown == GOLDEN.read_text(encoding="utf-8")
    assert len(shown.splitlines()) <= SCREEN


def test_what_is_wrong_stands_before_the_month_in_every_form(document: Plain, insights: Plain) -> None:
    lead = insights["lead"]
    forms = (
        (screen(document, insights), "total CNY"),
        (markdown.render(document, insights=insights), "**CNY"),
        (html.estimate(document, lead), "<table"),
    )
    for shown, month in forms:
        assert shown.index("none 1,007.74") < shown.index(lead["wrong"]["command"]) < shown.index(month)


@pytest.mark.parametrize("width", [60, 80, 110, 200])
def test_no_line_is_wider_than_the_terminal_or_hard_to_read(document: Plain, insights: Plain, width: int) -> None:
    shown = screen(document, insights, width)
    assert max(len(line) for line in shown.splitlines()) <= min(width, layout.WIDEST)
    assert "total CNY" in shown


def test_three_columns_stand_where_there_are_no_messages(without_messages: Plain, insights: Plain) -> None:
    shown = " ".join(screen(without_messages, insights).split())
    assert "low point high" in shown
    assert "a month, CNY (known part) 500.00 1,007.74 2,000.00" in shown
    assert "| a month, CNY (known part) | 500.00 | 1,007.74 | 2,000.00 |" in markdown.render(
        without_messages, insights=insights
    )


def test_unknown_is_never_nothing(without_messages: Plain, insights: Plain) -> None:
    egress = next(row for row in words.lines(without_messages) if row["item"] == "egress")
    assert (egress["quantity"], egress["month"], egress["trace"]) == ("unknown",) * 3
    assert "known point CNY" in screen(without_messages, insights)
    assert "| known point CNY |" in markdown.render(without_messages, insights=insights)


def test_a_line_without_a_price_is_unknown_in_every_form(document: Plain, insights: Plain) -> None:
    for bill in (document["bill"], document["monthly"]):
        bill["lines"][2].update(unit_price=None, amount=None, amount_exact=None)
    assert "| egress | 10 | GB | 0 | unknown | unknown | unknown |" in markdown.render(document, insights=insights)
    rows = [row for row in csv.DictReader(io.StringIO(table.render(document))) if row["item"] == "egress"]
    assert {row["amount"] for row in rows} == {"unknown"}
    assert "known total CNY" in screen(document, insights)


def test_a_trace_without_projection_has_no_month(document: Plain, insights: Plain) -> None:
    document["monthly"] = None
    assert "use a month" not in screen(document, insights)
    assert "| total CNY |  |  |  |  | unknown | 100.77 |" in markdown.render(document, insights=insights)
    assert "CNY 100.77 for the trace" in html.estimate(document)
    assert {row["scope"] for row in csv.DictReader(io.StringIO(table.render(document)))} == {"trace"}


def test_settings_of_several_functions_stand_one_a_row(two_functions: Plain, insights: Plain) -> None:
    shown = screen(two_functions, insights)
    assert [line.split()[0] for line in shown.splitlines() if "256 MB" in line] == ["chat", "[red]<push>"]
    assert "| chat | 256 MB | 60 s | 900 s | 60 s | 1,200 | 900,000 |" in markdown.render(
        two_functions, insights=insights
    )
    assert "[red]&lt;push&gt;" in html.estimate(two_functions)


def test_quantities_in_the_table_are_exact(document: Plain) -> None:
    document["bill"]["lines"][0]["amount_exact"] = "99.972000000000000000000001"
    rows = list(csv.DictReader(io.StringIO(table.render(document))))
    assert rows[0]["amount_exact"] == "99.972000000000000000000001"
    assert [row["item"] for row in rows[:4]] == ["resource", "invocations", "egress", "total"]


def test_what_a_user_named_cannot_become_markup(document: Plain, insights: Plain) -> None:
    document["trace"]["sources"] = ["<script>|`x`.csv"]
    assert "&lt;script>\\|\\`x\\`.csv" in markdown.render(document, insights=insights)
    assert "<script>" not in html.estimate(document)


def test_a_fragment_is_whole_and_needs_nothing_from_elsewhere(document: Plain) -> None:
    class Tags(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert not {"src", "href"} & {name for name, _ in attrs}
            self.open += [] if tag == "br" else [tag]

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    parser = Tags()
    parser.feed(html.estimate(document))
    assert parser.open == []


def test_steps_follow_in_markdown_and_on_the_screen(document: Plain, insights: Plain) -> None:
    assert markdown.render(document, insights=insights, steps=["a × b [page]"]).endswith(
        "### How the figures came about\n\n- a × b [page]\n"
    )
    text = io.StringIO()
    console.render(document, Console(file=text, width=80), insights=insights, steps=["a × b [page]"])
    assert "a × b [page]" in text.getvalue()
