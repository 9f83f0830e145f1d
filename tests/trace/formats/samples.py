"""Where the real lines and captures stand."""

from __future__ import annotations

from pathlib import Path

LINES = Path(__file__).parent / "lines"
