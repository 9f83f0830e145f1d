"""Platforms that have no price book here, each with the reason."""

from __future__ import annotations

from functools import cache

from pydantic import Field

from scfcost.catalog.schema import Sourced
from scfcost.core.errors import CatalogError
from scfcost.core.files import packaged_text
from scfcost.core.tables import Strict, parse_model


class LeftOut(Sourced):
    """A platform that is left out."""

    title: str
    reason: str


class _Platforms(Strict):
    platforms: tuple[LeftOut, ...] = Field(min_length=1)


@cache
def left_out() -> tuple[LeftOut, ...]:
    """Return the platforms that are left out."""
    text = packaged_text("scfcost.catalog", "left_out.toml")
    return parse_model(_Platforms, text, "left_out.toml", CatalogError, whole="platforms").platforms
