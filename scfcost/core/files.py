"""Files that are whole or not there: written beside their place, and put into it at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scfcost.core.errors import ScfcostError


@contextmanager
def whole(output: Path, error: type[ScfcostError]) -> Iterator[Path]:
    """Yield where to write a file; it takes its place once all is well, and goes where anything breaks.

    Raises
    ------
    ScfcostError
        Of the kind `error`, if it cannot be written.
    """
    partial = output.with_name(f".{output.name}.{os.getpid()}.part")  # another process may write the same
    try:
        yield partial
        partial.replace(output)
    except OSError as fault:
        reason = os.strerror(fault.errno) if fault.errno else str(fault)
        raise error(f"{output}: cannot be written: {reason}") from None
    finally:
        partial.unlink(missing_ok=True)
