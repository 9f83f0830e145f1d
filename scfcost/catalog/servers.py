"""Plain servers by size: what a month costs, and what traffic is in it, each with source and date."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from pydantic import Field

from scfcost.catalog.schema import Sourced
from scfcost.core.errors import CatalogError, nearest
from scfcost.core.files import packaged_text
from scfcost.core.tables import Exact, Strict, parse_model


class ListedServer(Sourced):
    """A server of the catalog."""

    title: str
    currency: str = Field(pattern="^[A-Z]{3}$")
    monthly: Exact
    """Cost of a month of 30 days. [currency]"""
    memory_mb: int = Field(ge=1)
    """[MB]"""
    included_gb: Exact = Decimal(0)
    """Traffic to clients that is in it. [GB]"""
    free_gb: Exact = Decimal(0)
    """Traffic that is free of charge where free tiers are asked for. [GB]"""
    per_gb: Exact = Decimal(0)
    """Price of a GB beyond that. [currency]"""


class Servers(Strict):
    """The servers of the catalog, by name."""

    servers: dict[str, ListedServer]


@cache
def listed_servers() -> dict[str, ListedServer]:
    """Return the servers of the catalog, by name."""
    text = packaged_text("scfcost.catalog", "servers.toml")
    return parse_model(Servers, text, "servers.toml", CatalogError, whole="servers").servers


def server(name: str) -> ListedServer:
    """Return a server by its name.

    Raises
    ------
    CatalogError
        If the catalog has no such server.
    """
    known = listed_servers()
    if name not in known:
        raise CatalogError(f"server {name!r} is not in the catalog; {nearest(name, known)}")
    return known[name]
