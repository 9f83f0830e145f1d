"""Settings shared by every test."""

from __future__ import annotations

from hypothesis import settings

# A first call may compile a kernel, so no single example has a time limit.
settings.register_profile("scfcost", deadline=None, derandomize=False)
settings.load_profile("scfcost")
