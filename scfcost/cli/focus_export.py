"""The FOCUS export of `scfcost estimate`: CSV or Parquet."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scfcost.cli.output import Loudness, note, write
from scfcost.core.errors import ConfigError
from scfcost.core.files import whole
from scfcost.core.text import SafeWriter

if TYPE_CHECKING:
    from scfcost.analysis.estimate.estimate import TraceEstimate


def export(found: TraceEstimate, output: Path | None, version: str, *, say: Loudness) -> None:
    """Write the recorded usage of an estimate as FOCUS, Parquet where the file is called so, else CSV.

    Parameters
    ----------
    found : TraceEstimate
        The estimate.
    output : Path or None
        File to write; standard output where none is named.
    version : str
        Version of FOCUS.
    say : Loudness
        How much is said beside the result.

    Raises
    ------
    ConfigError
        If the file has another suffix, or nothing was used that has a price.
    """
    from scfcost.report import focus

    if output is not None and str(output) != "-" and output.suffix not in (".csv", ".parquet"):
        raise ConfigError(f"{output}: FOCUS is written as .csv or .parquet")
    types = {one: config.function_type for one, config in found.functions.items()}
    rows = list(focus.rows(found.hourly().to_dict("records"), found.terms, function_types=types, version=version))  # type: ignore[arg-type]
    if not rows:
        raise ConfigError("the trace used nothing that has a price: there is no row to write")
    if found.terms.plan != "payg":
        note(
            f"the rows are the recorded usage at unit prices: the plan {found.terms.plan} belongs to a month",
            say=say,
        )
    if found.bounds and not found.knows_silences:
        low, high = (found.bounds[end].bill.total for end in ("low", "high"))
        at = f"at a point, {found.bill.total:,}, between {low:,} and {high:,} {found.bill.currency}"
        note(f"silences are not known: the rows are the usage {at}; an export holds no bounds", say=say)
    if output is not None and output.suffix == ".parquet":
        _write_parquet(rows, output)
    else:
        write(_as_csv(rows), output)


def _as_csv(rows: list[dict[str, Any]]) -> str:
    from scfcost.report.focus import text

    out = io.StringIO()
    table = SafeWriter(out)
    table.writerow(rows[0])
    table.writerows([text(value) for value in row.values()] for row in rows)
    return out.getvalue()


def _write_parquet(rows: list[dict[str, Any]], output: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from scfcost.report.focus import DECIMAL_COLUMNS, DECIMALS

    def kind(name: str) -> pa.DataType:
        if name.endswith(("PeriodStart", "PeriodEnd")):
            return pa.timestamp("ms", tz="UTC")
        if name == "x_UsageQuantity":
            return pa.int64()
        return pa.decimal128(38, DECIMALS) if name in DECIMAL_COLUMNS else pa.string()

    schema = pa.schema([(name, kind(name)) for name in rows[0]])
    with whole(output, ConfigError) as part:
        pq.write_table(pa.Table.from_pylist(rows, schema), part)
