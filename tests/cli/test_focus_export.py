"""`scfcost estimate --format focus` as a finance team meets it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow.parquet as pq

from tests.cli.test_estimate import desk
from tests.forked import scfcost

__all__ = ["desk"]


def test_csv_goes_to_standard_output(desk: Path) -> None:
    done = scfcost("estimate", "traces.csv", "--format", "focus")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["x_LineItem"] for row in rows} == {"resource", "invocations", "egress"}
    assert rows[0]["BillingCurrency"] == "CNY"


def test_parquet_holds_decimals_and_instants(desk: Path) -> None:
    done = scfcost("estimate", "traces.csv", "--format", "focus", "--focus-version", "1.4", "-o", "focus.parquet")
    assert (done.returncode, done.stdout) == (0, "")
    schema = pq.read_schema(desk / "focus.parquet")
    assert str(schema.field("BilledCost").type) == "decimal128(38, 18)"
    assert str(schema.field("ChargePeriodStart").type) == "timestamp[ms, tz=UTC]"
    assert "ServiceProviderName" in schema.names


def test_another_suffix_is_refused(desk: Path) -> None:
    done = scfcost("estimate", "traces.csv", "--format", "focus", "-o", "focus.xlsx")
    assert done.returncode == 2
    assert "FOCUS is written as .csv or .parquet" in done.stderr


def test_a_plan_is_said_to_belong_to_a_month(desk: Path) -> None:
    done = scfcost("estimate", "traces.csv", "--format", "focus", "--plan", "trial")
    assert done.returncode == 0
    assert "belongs to a month" in done.stderr


def test_where_silences_are_not_known_the_bounds_are_said_beside_the_point(desk: Path) -> None:
    lives = [f"c{k},{1_790_784_000 + k},{1_790_784_000 + k + 4_000}" for k in range(9)]
    (desk / "lives.csv").write_text("\n".join(["connection_id,connect_time,close_time", *lives]) + "\n", "utf-8")
    done = scfcost("estimate", "lives.csv", "--format", "focus", "--reconnect", "immediate", "--memory", "3072")
    assert done.returncode == 0
    assert "silences are not known: the rows are the usage at a point, " in done.stderr
