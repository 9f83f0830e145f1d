"""What decides a bill beside the usage: `Pricing` by the names that a user gives, `Terms` as a price book has them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from scfcost.billing.meters import Meter, Quantities, check_book, meters_of
from scfcost.catalog.load import DEFAULT_BOOK, load_book
from scfcost.catalog.schema import Allowance, Period, Plan, Price, PriceBook
from scfcost.core.errors import CatalogError, ConfigError, nearest
from scfcost.lifecycle.environment import Platform

TRAFFIC_RULES = ("response", "outbound")
"""Whether the bytes of a web function are response traffic, which no allowance covers, or outbound traffic."""
ON_QUOTA = ("report", "refuse")
"""What happens beyond the memory quota and the burst limit."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything but the usage that decides a bill."""

    book: PriceBook
    period: Period
    region: str
    plan: str = "payg"
    traffic_rule: str = "response"
    traffic_price: Decimal | None = None
    """Price of a GB of traffic that the user states, in place of the book's. [currency]"""
    round_up: bool = False
    """Whether what is charged is rounded up to whole priced units where some pages of the vendor do."""

    def __post_init__(self) -> None:
        if self.traffic_rule not in TRAFFIC_RULES:
            raise CatalogError(
                f"traffic rule {self.traffic_rule!r} is not known; {nearest(self.traffic_rule, TRAFFIC_RULES)}"
            )
        self.book.region(self.region)
        if self.plan not in self.period.plan_names():
            raise CatalogError(self._no_such_plan())

    def _no_such_plan(self) -> str:
        elsewhere = [period.name for period in self.book.periods if self.plan in period.plan_names()]
        known = f", only in {', '.join(elsewhere)} (see the pricing date)" if elsewhere else ""
        choice = nearest(self.plan, self.period.plan_names())
        return f"plan {self.plan!r} is not in the period {self.period.name!r} of {self.book.name}{known}; {choice}"

    def rate(self, meter: str) -> Price | None:
        """Return the price of a meter, the region's own before the period's, None where it is unknown."""
        if meter == "egress" and self.traffic_price is not None:
            return _stated(self.traffic_price, self.period.effective_from)
        found = self.book.regions[self.region].prices.get(meter) or self.period.prices.get(meter)
        return None if found is None or found.unknown else found

    def knows(self, meter: str) -> bool:
        """Whether the book speaks of a meter, in the period or for any region; its price here may be unknown."""
        return (
            (meter == "egress" and self.traffic_price is not None)
            or meter in self.period.prices
            or any(meter in region.prices for region in self.book.regions.values())
        )

    @property
    def meters(self) -> tuple[Meter, ...]:
        """The meters of the book, in the order of the lines of a bill."""
        return meters_of(self.book)

    def uncovered(self, meter: Meter, usage: Quantities) -> int | Fraction:
        """Return what of a meter no allowance may cover: response traffic, unless the rule says outbound. [1]

        Parameters
        ----------
        meter : Meter
            The meter.
        usage : Quantities
            Quantities of a month, by meter. [metered units]
        """
        if self.traffic_rule == "outbound" or meter.uncovered is None:
            return 0
        return sum(usage[counter] for counter in meter.uncovered)

    @property
    def allowances(self) -> list[tuple[str, Allowance]]:
        """What the plan makes free, in the order of deduction."""
        return self.period.allowances(self.plan)

    @property
    def package(self) -> Plan | None:
        """The package that is paid for, None without one."""
        return self.period.plans.get(self.plan)

    def quota_mb(self) -> int | None:
        """Return the memory quota: the package's, or the region's, None where unknown. [MB]"""
        package = self.package
        own = package.quota_mb if package else None
        return own if own is not None else self.book.regions[self.region].quota_mb

    def burst_per_minute(self) -> int:
        """Return how many new instances a minute are accepted. [1/min]"""
        package = self.package
        own = package.burst_per_minute if package else None
        return own if own is not None else self.book.limits.burst_per_minute

    def platform(self) -> Platform:
        """Return what the platform sets under these terms, its limits left out."""
        return Platform(self.period.granularity_ms, self.book.time_zone)


@dataclass(frozen=True, slots=True)
class Pricing:
    """Prices, limits and seed of a question, by the names that a user gives.

    Parameters
    ----------
    catalog : str
        Name of a price book, or a TOML file.
    region : str, optional
        Region whose traffic price and quota apply; the book's default otherwise.
    plan : str, optional
        `payg`, `free`, `trial` or a package of the book; the book's default otherwise, `payg` where that can be had.
    pricing_date : date, optional
        Day whose prices apply; the newest period otherwise.
    traffic_rule : {"response", "outbound"}
        Whether a web function's bytes are response traffic, which no allowance covers.
    traffic_price : Decimal, optional
        Price of a GB of traffic, where the book does not know it or the user pays another. [currency]
    quota_mb, burst_per_minute : int, optional
        Limits of the platform; the plan's or the region's otherwise. [MB], [1/min]
    on_quota : {"report", "refuse"}
        Whether connections beyond the limits are counted and served all the same, or refused: their clients then follow
        their reconnect policy.
    seed : int
        Seed of the initialisations drawn where `init_ms` is a distribution.
    round_up : bool
        Whether what is charged is rounded up to whole priced units where some pages of the vendor do.

    Raises
    ------
    ConfigError
        If `on_quota` is not known.

    Examples
    --------
    >>> Pricing(plan="team").terms().quota_mb()
    512000
    """

    catalog: str = DEFAULT_BOOK
    region: str | None = None
    plan: str | None = None
    pricing_date: date | None = None
    traffic_rule: str = "response"
    traffic_price: Decimal | None = None
    quota_mb: int | None = None
    burst_per_minute: int | None = None
    on_quota: str = "report"
    seed: int = 0
    round_up: bool = False

    def __post_init__(self) -> None:
        if self.on_quota not in ON_QUOTA:
            raise ConfigError(f"on_quota: {self.on_quota!r} is not known; {nearest(self.on_quota, ON_QUOTA)}")

    def terms(self) -> Terms:
        """Look the names up in the price book.

        Raises
        ------
        CatalogError
            If region, plan, catalog, date or traffic rule is not known.
        """
        book = load_book(self.catalog)
        check_book(book, str(self.catalog))
        region = book.region(self.region)[0]
        plan = book.default_plan if self.plan is None else self.plan
        period = book.period(self.pricing_date)
        return Terms(book, period, region, plan, self.traffic_rule, self.traffic_price, self.round_up)

    def platform(self, terms: Terms) -> Platform:
        """Return what the platform sets: limits that are not given are the plan's or the region's."""
        return replace(
            terms.platform(),
            quota_mb=terms.quota_mb() if self.quota_mb is None else self.quota_mb,
            burst_per_minute=terms.burst_per_minute() if self.burst_per_minute is None else self.burst_per_minute,
            refuses=self.on_quota == "refuse",
            seed=self.seed,
        )


def _stated(price: Decimal, on: date) -> Price:
    return Price(price=price, source="stated by --traffic-price", checked_on=on)
