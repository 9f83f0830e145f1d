"""`scfcost catalog` at 80 columns, as JSON, and over books of one's own."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scfcost.catalog.load import book_names, load_book
from scfcost.cli.app import app
from scfcost.core.errors import CatalogError

TEXT = (files("scfcost.catalog") / "data" / "tencent-scf-cn.toml").read_text(encoding="utf-8")


def catalog(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["catalog", *arguments], env={"COLUMNS": "80"})
    if isinstance(done.exception, CatalogError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize("name", book_names())
def test_a_book_is_readable_at_80_columns(name: str) -> None:
    shown, book = catalog("show", name), load_book(name)
    assert max(len(line) for line in shown.splitlines()) <= 80
    for word in (*book.period().plans, *book.regions, *(period.name for period in book.periods)):
        assert word in shown  # no name is broken over lines


def test_every_mark_leads_to_a_page_and_its_date() -> None:
    figures, sources = catalog("show").split("\nSources\n")
    assert "10 to 7200 [19]" in figures
    page = sources[sources.index("[19]") : sources.index("[20]")]
    assert "583/44842" in page and "2024-03-21" in page


def test_an_unknown_price_is_shown_as_unknown() -> None:
    tokyo = next(line for line in catalog("show", "tencent-scf-intl").splitlines() if line.startswith("ap-tokyo"))
    assert tokyo.split()[2] == "unknown"


def test_graduated_tiers_are_shown_with_their_starts(tmp_path: Path) -> None:
    tiers = 'tiers = [{starts_at = "0", price = "0.9"}, {starts_at = "100", price = "0.5"}]'
    path = tmp_path / "mine.toml"
    path.write_text(TEXT.replace('price = "0.80"', tiers, 1), encoding="utf-8")
    assert "0.9 from 0, 0.5 from 100" in catalog("show", str(path))
    assert "sound: tencent-scf-cn, 4 periods, 18 regions, CNY" in catalog("check", str(path))


def test_brackets_in_a_book_are_printed_as_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TEXT.replace('title = "Guangzhou"', 'title = "[red]Canton[/]"'), encoding="utf-8")
    assert "[red]Canton[/]" in catalog("show", str(path))


def test_json_holds_every_figure_as_a_string() -> None:
    assert [book["name"] for book in json.loads(catalog("list", "--format", "json"))] == book_names()
    period = json.loads(catalog("show", "--format", "json"))["periods"][-1]
    assert (period["prices"]["resource"]["price"], period["plans"]["team"]["fee"]) == ("0.00011108", "699.88")


def test_a_file_that_is_no_book_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TEXT.replace("currency", "curency", 1), encoding="utf-8")
    with pytest.raises(CatalogError, match=r"mine.toml: book: unknown key 'curency'; did you mean 'currency'\?"):
        catalog("check", str(path))


def test_a_form_that_a_book_does_not_have_is_refused() -> None:
    assert CliRunner().invoke(app, ["catalog", "show", "--format", "csv"]).exit_code == 2
