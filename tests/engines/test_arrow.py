"""The sums of parts that come as Arrow batches are those of the whole."""

from __future__ import annotations

import pickle
from pathlib import Path

import duckdb
import pyarrow as pa

from scfcost.analysis.sweep.job import SweepJob
from scfcost.analysis.sweep.sweep import sweep
from scfcost.engines.arrow import PACKED, SUMMED, sums_of_batches
from scfcost.engines.partial import Partial
from scfcost.trace.read import read_trace
from scfcost.trace.reading.layout import Layout
from scfcost.trace.reading.partition import Whole
from tests.engines.files import rows, written
from tests.engines.test_identical import GRID, gridded

PACK = """
SELECT connection_id AS id, timestamp AS time,
       CASE event WHEN 'connect' THEN 0 WHEN 'lost' THEN 11 WHEN 'close' THEN 12
            ELSE 1 + CASE direction WHEN 'up' THEN 0 WHEN 'down' THEN 2 ELSE 1 END
                 + CASE event WHEN 'message' THEN 0 ELSE 4 END
       END::UTINYINT AS code,
       CASE event WHEN 'close' THEN coalesce(close_code, -1) * 4
            + CASE closed_by WHEN 'client' THEN 1 WHEN 'server' THEN 2 ELSE 0 END
            WHEN 'connect' THEN -1 ELSE coalesce(bytes, -1) END AS payload,
       0::BIGINT AS function
FROM table_of_events ORDER BY id, time, code
"""
"""The packing that docs/spark.md shows."""


def test_partitions_of_batches_add_up_to_the_whole(tmp_path: Path) -> None:
    table_of_events = rows()
    packed = duckdb.sql(PACK).to_arrow_table().cast(PACKED)
    instants = packed.column("time").to_pylist()
    whole = Whole(min(instants), max(instants), ("default",))
    job = SweepJob(gridded())
    run = pickle.loads(pickle.dumps(job))  # what a cluster does to it
    function = sums_of_batches(run, Layout(0, "ms", "BIGINT", (), fractions=False), whole)
    total = Partial()
    for low, high in ((0, 150), (150, 151), (151, 400), (400, 500)):
        mask = [low <= one < high for one in packed.column("id").to_pylist()]
        for batch in function(packed.filter(pa.array(mask)).to_batches(max_chunksize=97)):
            assert batch.schema == SUMMED
            total += Partial.load(batch.column(0)[0].as_py())
    found = job.result(whole.hollow(), total)
    assert found.frame.equals(sweep(read_trace(written(table_of_events, tmp_path / "t", 1)), **GRID).frame)
