"""What a loop is called with: the shape that decides its machine code, and the words that the code takes."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

_LEAST, _BEYOND = -(2**63), 2**63


def shape_of(value: Any) -> Any:
    """Return what machine code depends on of an argument: never its size or value.

    Arrays differ by type, dimensions and layout; every whole number is one of 64 bits.

    Parameters
    ----------
    value : ndarray, int, bool or tuple of these

    Raises
    ------
    TypeError
        If a loop takes nothing of this kind.

    Examples
    --------
    >>> shape_of((np.zeros(3, np.int16), 5, True))
    ('tuple', ('<i2', 1, 'C'), 'int', 'bool')
    """
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.ndim, "C" if value.flags.c_contiguous else "A"
    if isinstance(value, bool | np.bool_):
        return "bool"
    if isinstance(value, int | np.integer):
        return "int"
    if isinstance(value, tuple):
        return (type(value).__name__, *map(shape_of, value))
    raise TypeError(f"a loop takes arrays and whole numbers, not {type(value).__name__}")


def words_of(value: Any, words: list[Any]) -> None:
    """Add the words of an argument as numba hands it over: an array is five of them, its lengths and its strides.

    Parameters
    ----------
    value : ndarray, int, bool or tuple of these
    words : list
        The words are added here.

    Raises
    ------
    OverflowError
        If a number needs more than 64 bits.
    """
    if isinstance(value, np.ndarray):
        words += (None, None, value.size, value.itemsize, value.ctypes.data, *value.shape, *value.strides)
    elif isinstance(value, tuple):
        for one in value:
            words_of(one, words)
    else:
        number = int(value)
        if not _LEAST <= number < _BEYOND:
            raise OverflowError(f"{number} needs more than 64 bits")
        words.append(number)


def kinds_of(shape: Any) -> list[Any]:
    """Return the C types of those words.

    Parameters
    ----------
    shape : str or tuple
        What `shape_of` tells of an argument.

    Examples
    --------
    >>> [kind.__name__ for kind in kinds_of("bool")]
    ['c_ubyte']
    >>> len(kinds_of(("<i8", 2, "C")))
    9
    """
    if shape == "int":
        return [ctypes.c_int64]
    if shape == "bool":
        return [ctypes.c_uint8]
    if len(shape) == 3 and isinstance(shape[1], int):
        pointers = [ctypes.c_void_p] * 2, [ctypes.c_void_p]
        return [*pointers[0], ctypes.c_int64, ctypes.c_int64, *pointers[1], *[ctypes.c_int64] * (2 * shape[1])]
    return [kind for one in shape[1:] for kind in kinds_of(one)]
