"""One part of a trace as Arrow batches, for engines that stream them through Python, such as Spark's `mapInArrow`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import pyarrow as pa

from scfcost.engines.job import Job
from scfcost.trace.reading.layout import Layout as Layout  # what a caller of this module has to say of its rows
from scfcost.trace.reading.partition import Whole as Whole
from scfcost.trace.reading.partition import part_of

PACKED = pa.schema(
    [("id", pa.int64()), ("time", pa.int64()), ("code", pa.uint8()), ("payload", pa.int64()), ("function", pa.int64())]
)
"""Columns of packed rows; `id` may be text."""
SUMMED = pa.schema([("sums", pa.binary())])
"""What comes out: one row a part, see `Partial.load`."""


def sums_of_batches(
    job: Job, layout: Layout, whole: Whole
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return a function from the packed rows of one part to its sums.

    Parameters
    ----------
    job : Job
        The question; its lives are left out, so an estimate comes without instances.
    layout, whole : Layout and Whole
        What the rows of all parts have in common.

    Returns
    -------
    callable
        Takes batches of whole connections in the order of (id, time, code), and yields a batch of `SUMMED`. It raises
        UnsoundRowsError if any row breaks a rule of a trace.
    """

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = (batch for batch in batches if batch.num_rows)
        first = next(rows, None)
        if first is None:
            return
        part = part_of(chain([first], rows), layout, whole)
        partial, _ = job.analyse(part.trace)
        partial.count("headless", part.headless)
        yield pa.RecordBatch.from_arrays([pa.array([partial.pack()], pa.binary())], schema=SUMMED)

    return run
