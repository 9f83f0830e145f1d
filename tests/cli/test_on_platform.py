"""`estimate` and `sweep` on a platform whose price book says how connections live there."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scfcost.cli.app import app
from scfcost.core.errors import ConfigError

START = 1_700_000_000_000
EVENTS = (
    (1, 0, "connect,,"), (1, 100_000, "message,up,9"), (1, 500_000, "message,down,9"), (1, 1_000_000, "close,,"),
    (2, 90_000_000, "connect,,"), (2, 90_001_000, "close,,"),
)  # fmt: skip


@pytest.fixture
def trace(tmp_path: Path) -> str:
    path = tmp_path / "t.csv"
    rows = [f"{who},{START + at},{what}" for who, at, what in EVENTS]
    path.write_text("\n".join(["connection_id,timestamp,event,direction,bytes", *rows]) + "\n", encoding="utf-8")
    return str(path)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, [*arguments, "--quiet"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_whole_report_for_one_platform(trace: str, tmp_path: Path) -> None:
    document = json.loads(run("estimate", trace, "--catalog", "aws-apigateway", "--format", "json"))
    assert document["schema"] == "scfcost.platform/1"
    way = document["platforms"][0]
    assert way["quantities"]["aws-apigateway.connection_minutes"] == "18"  # 1,000 s and 1 s, each begun minute
    assert set(way["policies"]) == {"none", "on-demand", "immediate"}
    screen = run("estimate", trace, "--catalog", "aws-apigateway", "--reconnect", "immediate")
    assert screen.startswith("AWS API Gateway + Lambda: USD")
    assert "2 connections: 2 end by themselves" in screen
    out = tmp_path / "lines.csv"
    run("estimate", trace, "--catalog", "aws-apigateway", "-o", str(out))
    assert all(row["source"] for row in csv.DictReader(out.read_text(encoding="utf-8").splitlines()))


def test_a_grid_of_longest_lives(trace: str, tmp_path: Path) -> None:
    out = tmp_path / "grid.csv"
    flags = ("--exec", "300:900:300", "--reconnect", "immediate,none")
    run("sweep", trace, "--catalog", "google-cloud-run", *flags, "-o", str(out))
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert [(row["reconnect"], row["exec_timeout_s"]) for row in rows] == [
        (policy, life) for policy in ("immediate", "none") for life in ("300", "600", "900")
    ]
    screen = run("sweep", trace, "--catalog", "google-cloud-run", "--exec", "300,600")
    assert "300 s" in screen
    assert "idle" not in screen


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("estimate", "--catalog", "aws-apigateway", "--growth", "5%/month"), "--growth"),
        (("estimate", "--catalog", "aws-apigateway", "--keep-alive", "5"), "--keep-alive"),
        (("estimate", "--handler-ms", "5"), "no meter of this price book"),
        (("sweep", "--catalog", "google-cloud-run", "--idle", "5:10"), "does not let one set --idle"),
    ],
)
def test_what_says_nothing_there_is_refused(arguments: tuple[str, ...], told: str, trace: str) -> None:
    command, *flags = arguments
    with pytest.raises(ConfigError, match=told):
        run(command, trace, *flags)
