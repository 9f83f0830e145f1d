"""Where machine code is kept: one file a loop and shape of arguments, whole or not there."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scfcost.core.cache import SETTING
from scfcost.core.compiler.build import Code
from scfcost.core.compiler.machine import processor
from scfcost.core.compiler.source import Source

_FORM = 1
"""Raised where what is kept changes its form."""


def folder() -> Path | None:
    """Return where code is kept, None where nothing can be written: NUMBA_CACHE_DIR, the package, or the home."""
    stated = os.environ.get(SETTING)
    own = Path(__file__).parent / "__pycache__"
    home = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))  # noqa: PTH111 (there may be none)
    for place in [Path(stated) / "scfcost"] if stated else [own, home / "scfcost"]:
        with suppress(OSError):
            place.mkdir(parents=True, exist_ok=True)
            if os.access(place, os.W_OK):
                return place
    return None


def file_name(loop: Source, shapes: tuple[Any, ...]) -> tuple[str, str]:
    """Return the two halves of a file's name: what is compiled for which machine, and what it says.

    Parameters
    ----------
    loop : Source
        The loop.
    shapes : tuple
        Shapes of its arguments.
    """
    return f"{loop.name}.{_digest((_FORM, shapes, _versions(), processor()))}", f"{loop.digest()}.loop"


@cache
def _versions() -> tuple[str, ...]:
    return version("numba"), version("llvmlite"), sys.version


def _digest(value: Any) -> str:
    return sha256(repr(value).encode()).hexdigest()[:16]


def kept(loop: Source, shapes: tuple[Any, ...]) -> Code | None:
    """Return the code of a loop that an earlier process kept.

    Parameters
    ----------
    loop : Source
        The loop.
    shapes : tuple
        Shapes of its arguments.
    """
    place = folder()
    if place is None:
        return None
    try:
        head, _, machine = (place / ".".join(file_name(loop, shapes))).read_bytes().partition(b"\n")
        told = json.loads(head)
        if told["sha256"] != sha256(machine).hexdigest():
            return None
        return Code(told["symbol"], told["returns"], machine)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(loop: Source, shapes: tuple[Any, ...], code: Code) -> None:
    """Keep the code of a loop; what it said before goes.

    Parameters
    ----------
    loop : Source
        The loop.
    shapes : tuple
        Shapes of its arguments.
    code : Code
        Its machine code.
    """
    place = folder()
    if place is None:
        return
    stem, said = file_name(loop, shapes)
    head = {"symbol": code.symbol, "returns": code.returns, "sha256": sha256(code.machine).hexdigest()}
    unfinished = place / f"{stem}.{os.getpid()}.part"
    with suppress(OSError):
        unfinished.write_bytes(json.dumps(head).encode() + b"\n" + code.machine)
        unfinished.replace(place / f"{stem}.{said}")
        for other in place.glob(f"{stem}.*.loop"):
            if other.name != f"{stem}.{said}":
                other.unlink(missing_ok=True)
