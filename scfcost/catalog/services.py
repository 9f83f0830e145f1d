"""Services beside the functions, such as Redis or a queue: what they cost, each with source and date."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from pydantic import Field

from scfcost.catalog.schema import Sourced
from scfcost.core.errors import CatalogError
from scfcost.core.files import packaged_text
from scfcost.core.tables import Exact, Strict, parse_model


class ListedService(Sourced):
    """A service of the catalog, with source and date."""

    title: str
    currency: str
    unit: str
    """What the monthly price is for."""
    monthly: Exact = Decimal(0)
    per_use: Exact = Decimal(0)
    uses_per_price: int = Field(1, ge=1)


class Services(Strict):
    """The services of the catalog, by name."""

    services: dict[str, ListedService]


@cache
def listed_services() -> dict[str, ListedService]:
    """Return the services of the catalog, by name."""
    text = packaged_text("scfcost.catalog", "services.toml")
    return parse_model(Services, text, "services.toml", CatalogError, whole="services").services
