"""How deep a run of the tests goes: `make test` draws a share of the cases, `make thorough` and CI all of them.

What a usual run leaves out is more of the same: further random examples and seeds, and combinations of choices each of
which is tried in another combination. No kind of fault is looked for by the thorough run alone.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

Case = TypeVar("Case")
THOROUGH = os.environ.get("TESTS") == "thorough"
"""Whether all there is is drawn."""
EXAMPLES = 100 if THOROUGH else 30
"""Examples of a property that names no number of its own. [1]"""


def depth(usual: int, thorough: int) -> int:
    """Return how many are drawn, in a usual run or in a thorough one."""
    return thorough if THOROUGH else usual


def share(cases: Sequence[Case], usual: int) -> list[Case]:
    """Return all cases in a thorough run, and every so many-th of them, from the first on, in a usual one."""
    return list(cases) if THOROUGH else list(cases)[:: max(1, -(-len(cases) // usual))]
