"""Where compiled kernels are kept, on machines where neither the package nor the home can be written."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

SETTING = "NUMBA_CACHE_DIR"
"""Environment variable that says where compiled code is kept."""
_ROOM = "core/compiler"
"""Where compiled code would lie in the package."""


@cache
def find_cache(package: Path) -> str | None:
    """Have compiled kernels kept in a temporary folder where they can be kept nowhere else.

    Parameters
    ----------
    package : Path
        The folder of the package.

    Returns
    -------
    str or None
        What a user should know, the first time that the folder is used.
    """
    if os.environ.get(SETTING) or _is_writable(package / _ROOM) or _has_home():
        return None
    folder = Path(tempfile.gettempdir()) / f"scfcost-compiled-{os.getuid()}"
    is_new = not folder.exists()
    if not _is_own(folder):  # of somebody else, who could put code there
        folder = Path(tempfile.mkdtemp(prefix="scfcost-compiled-"))
    os.environ[SETTING] = str(folder)
    text = f"neither package nor home can be written: compiled code is kept in {folder} ({SETTING} names another)"
    return text if is_new else None


def _is_writable(room: Path) -> bool:
    kept = room / "__pycache__"
    return os.access(kept if kept.exists() else room, os.W_OK)


def _has_home() -> bool:
    """Whether a cache of the user's own can be written."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 (there may be no home)
    folder = Path(base) / "scfcost"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _is_own(folder: Path) -> bool:
    """Make a folder that is ours alone; whether it is."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        state = folder.lstat()
        return stat.S_ISDIR(state.st_mode) and state.st_uid == os.getuid() and not state.st_mode & 0o022
    return False
