"""Whether files of a folder have changed since it was last looked at."""

from __future__ import annotations

import os
from pathlib import Path

_LEFT_OUT = {".git", "node_modules", "__pycache__", ".venv", "venv", ".idea", ".mypy_cache", ".ruff_cache"}
_OWN = (".parquet", ".partial.csv", ".cls.jsonl", ".window", ".part", ".pyc", ".log")
"""What is written while a run goes on, and is no part of a program."""
_MOST_FILES = 20_000


class Watch:
    """The files of a folder, by the time of their last change."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen = self._look()

    def changed(self) -> str:
        """Return the name of a file that was changed, added or removed since, empty where none was."""
        seen, self._seen = self._seen, self._look()
        for path in seen.keys() | self._seen.keys():
            if seen.get(path) != self._seen.get(path):
                return os.path.relpath(path, self._folder)
        return ""

    def _look(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for folder, folders, files in os.walk(self._folder):
            folders[:] = [one for one in folders if one not in _LEFT_OUT]
            for name in files:
                if not name.endswith(_OWN) and len(found) < _MOST_FILES:
                    path = f"{folder}/{name}"
                    try:
                        found[path] = Path(path).stat().st_mtime_ns
                    except OSError:
                        continue
        return found
