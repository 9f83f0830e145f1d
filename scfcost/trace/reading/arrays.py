"""Columns of Arrow as arrays, without what `to_numpy` loads for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def whole_numbers(array: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    """Return whole numbers without nulls as they lie in memory; `to_numpy` would load pandas, which is not needed.

    Examples
    --------
    >>> whole_numbers(pa.chunked_array([[1, 2], [3]])).tolist()
    [1, 2, 3]
    """
    if isinstance(array, pa.ChunkedArray):
        parts = [whole_numbers(one) for one in array.chunks]
        return np.concatenate(parts) if parts else np.zeros(0, np.dtype(str(array.type)))
    kind = np.dtype(str(array.type))
    return np.frombuffer(array.buffers()[1], kind, len(array), array.offset * kind.itemsize)
