"""Something the user should know about a result, as a value that travels with it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning: a stable code for scripts and a sentence for people."""

    code: str
    message: str
