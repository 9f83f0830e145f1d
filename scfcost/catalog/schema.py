"""What a price book holds: every figure with its source and date, unknown keys refused.

A book is one provider on one market in one currency. Prices are strings in the file and Decimal here; periods are
appended as prices change and never overwritten.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from scfcost.catalog.lifecycle import Lifecycle, Measure
from scfcost.core.errors import CatalogError, nearest
from scfcost.core.tables import Exact, Strict

PAYG, FREE, TRIAL = "payg", "free", "trial"
"""Plans that are no package: pay as you go, the standing free tier of a period, the trial of a new account."""


Confidence = Literal["high", "medium", "low"]
"""high: two independent copies, or software kit and page; medium: one official copy; low: inference or third party."""


class Sourced(Strict):
    """A figure with the page it was read from and the date of that copy."""

    source: str
    """Page or document that the figure was read from."""
    checked_on: date
    """Date of the copy that was read."""
    confidence: Confidence = "medium"
    note: str = ""


class Tier(Strict):
    """A graduated tier: from this many units on, up to the next tier's start."""

    starts_at: Exact
    price: Exact


class Price(Sourced):
    """Price of one meter, in graduated tiers that ascend from 0."""

    price: Exact | None = None
    """Price of a unit where there is one tier only."""
    tiers: tuple[Tier, ...] = ()
    may_round_up: bool = False
    """Whether some pages of the vendor round what is charged up to whole priced units."""
    unknown: bool = False
    """Whether the meter is charged at a price that is not known."""

    @model_validator(mode="after")
    def _one_form(self) -> Price:
        if self.unknown and (self.price is not None or self.tiers):
            raise ValueError("an unknown price has neither price nor tiers")
        if not self.unknown and (self.price is None) == (not self.tiers):
            raise ValueError("give either price or tiers, and at least one tier, or unknown = true")
        starts = [tier.starts_at for tier in self.tiers]
        if starts and (starts[0] != 0 or sorted(set(starts)) != starts):
            raise ValueError("tiers start at 0 and ascend")
        return self

    def graduated(self) -> tuple[Tier, ...]:
        """Return the tiers, one from 0 on where there is a single price."""
        if self.unknown:
            raise CatalogError(f"the price of {self.source} is unknown")
        return self.tiers if self.price is None else (Tier(starts_at=Decimal(0), price=self.price),)


class Allowance(Sourced):
    """What is free each month before anything is charged."""

    free: dict[str, Exact] = Field(default_factory=dict)
    """Free quantity by meter, in the unit of its price, or by one of its counters. [1]"""
    credit: Exact = Decimal(0)
    """Money that is taken off what the meters cost, at most all of it. [currency]"""
    off: dict[str, Exact] = Field(default_factory=dict)
    """Money that is taken off what each meter costs, at most all of that, by meter. [currency]"""
    lasts: str = ""
    """How long it is granted, in words."""

    @field_validator("free")
    @classmethod
    def _whole_calls(cls, free: dict[str, Decimal]) -> dict[str, Decimal]:
        for name, granted in free.items():
            if name.endswith("calls") and granted != granted.to_integral_value():
                raise ValueError(f"{name}: {granted} is not a whole number of calls")
        return free


class Plan(Allowance):
    """A package bought by the month: its fee, its allowance and the quotas it brings."""

    title: str
    fee: Exact
    """Fee of a month. [currency]"""
    alone: bool = False
    """Whether it stands in place of the free tier, and not beside it."""
    quota_mb: int | None = Field(None, ge=1)
    """Regional memory quota that the package sets. [MB]"""
    burst_per_minute: int | None = Field(None, ge=1)
    """New instances a minute that the package sets. [1/min]"""


class Region(Strict):
    """A region: its name for people, its own prices and its memory quota, None where unknown."""

    title: str
    prices: dict[str, Price] = Field(default_factory=dict)
    """Prices that differ by region, by meter; what neither region nor period names is unknown."""
    quota_mb: int | None = Field(None, ge=1)
    quota_source: str = ""

    @model_validator(mode="after")
    def _quota_has_a_source(self) -> Region:
        if self.quota_mb is not None and not self.quota_source:
            raise ValueError("quota_mb needs a quota_source: its page and date")
        return self


class Period(Strict):
    """The prices and rules from one day on, until the next period begins."""

    name: str
    effective_from: date
    note: str = ""
    granularity_ms: int = Field(ge=1)
    """A billed duration is rounded up to a multiple of this. [ms]"""
    prices: dict[str, Price] = Field(min_length=1)
    """Prices by meter."""
    free: Allowance | None = None
    trial: Allowance | None = None
    plans: dict[str, Plan] = Field(default_factory=dict)
    not_modelled: tuple[str, ...] = ()
    """Offers that no plan here stands for, in words."""

    @model_validator(mode="after")
    def _packages_have_own_names(self) -> Period:
        for name in (PAYG, FREE, TRIAL):
            if name in self.plans:
                raise ValueError(f"plans.{name}: the name is taken; packages need names of their own")
        return self

    def plan_names(self) -> list[str]:
        """Return every plan that the period knows."""
        standing = [name for name, grant in ((FREE, self.free), (TRIAL, self.trial)) if grant is not None]
        return [PAYG, *standing, *self.plans]

    def allowances(self, plan: str) -> list[tuple[str, Allowance]]:
        """Return the allowances of a plan in the order in which they are deducted.

        Raises
        ------
        CatalogError
            If the period has no such plan.
        """
        if plan not in self.plan_names():
            raise CatalogError(f"plan {plan!r} is not in the period {self.name!r}; {nearest(plan, self.plan_names())}")
        granted = {FREE: self.free, TRIAL: self.trial}.get(plan)
        if granted is not None:
            return [(plan, granted)]
        if plan in self.plans:
            package = self.plans[plan]
            standing = [(FREE, self.free)] if self.free is not None and not package.alone else []
            return [*standing, (plan, package)]
        return []


class Range(Sourced):
    """A documented range of a setting, both ends included."""

    lowest: float
    highest: float

    @model_validator(mode="after")
    def _not_empty(self) -> Range:
        if self.lowest > self.highest:
            raise ValueError(f"lowest {self.lowest:g} is more than highest {self.highest:g}")
        return self


Ranges = Annotated[tuple[Range, ...], Field(min_length=1)]
"""Every range that is documented of one setting."""


class MessageLimits(Sourced):
    """What one connection may carry."""

    message_bytes: int = Field(ge=1)
    bytes_per_second: int = Field(ge=1)
    messages_per_second: int = Field(ge=1)


class MemorySizes(Sourced):
    """Memory sizes that can be configured. [MB]"""

    sizes: tuple[Annotated[int, Field(ge=1)], ...] = Field(min_length=1)


class Limits(Strict):
    """What the platform documents of its settings; where pages disagree, each range stands with its date."""

    memory_mb: MemorySizes
    idle_timeout_s: Ranges
    exec_timeout_s: Ranges
    async_exec_timeout_s: tuple[Range, ...] = ()
    """Of event functions that are called asynchronously, where they may run longer. [s]"""
    init_timeout_s: Ranges
    max_concurrency: Ranges
    burst_per_minute: int = Field(ge=1)
    burst_source: str
    exec_at_least_idle: str
    """Page that asks for an execution timeout of at least the idle timeout."""
    messages: MessageLimits


class ByHour(Sourced):
    """How a weighted sum is settled by function and clock hour."""

    rounding: str
    """Meter that takes what is added as each function and hour is rounded up to a whole unit."""
    lacking: str
    """Meter that takes what lacks to the least that an hour costs in which a function ran. [currency]"""
    least: Exact
    """That least. [currency]"""
    price: Exact
    """What a unit is taken to cost beside it. [currency]"""


class BookMeter(Strict):
    """A meter of one book: what it counts, and how much of that a price is for."""

    title: str
    counted: str
    """What is counted, such as messages; allowances and stated quantities are in it."""
    unit: str
    """What a price is for, such as a million messages."""
    per: Exact = Decimal(1)
    """How much of what is counted a price is for. [1]"""
    flag: Literal["", "gbs", "calls", "egress_gb", "connection_minutes", "messages"] = ""
    """Short flag of `scfcost price` that states the quantity."""
    of: dict[str, Exact] = Field(default_factory=dict)
    """Weights, where the meter is a weighted sum of others, by their names; only the sum is priced."""
    by_hour: ByHour | None = None
    """How it is settled by function and clock hour, None where a month is settled as a whole."""
    step_ms: int = Field(1, ge=1)
    """A call that is stated by its duration is rounded up to a multiple of this. [ms]"""
    least_ms: int = Field(0, ge=0)
    """What such a call is billed for at least. [ms]"""
    step_mb: int = Field(1, ge=1)
    """Its memory is rounded up to a multiple of this. [MB]"""
    measured: tuple[Measure, ...] = ()
    """What it counts of a trace; nothing where it only takes quantities that are stated."""

    @field_validator("per")
    @classmethod
    def _whole(cls, per: Decimal) -> Decimal:
        if per < 1 or per != per.to_integral_value():
            raise ValueError(f"{per} is not a whole number of 1 or more")
        return per


class PriceBook(Strict):
    """A provider's prices on one market."""

    name: str
    provider: str
    service: str
    currency: str = Field(pattern="^[A-Z]{3}$")
    time_zone: str
    """Zone of the clock hours and months that are billed."""
    default_region: str
    default_plan: str = PAYG
    """Plan that is priced where none is named; a service that is sold with a fee alone has that one."""
    notes: tuple[str, ...] = ()
    stated_limits: Limits | None = Field(None, alias="limits")
    """What the platform documents of its settings, None where the book only prices quantities."""
    lifecycle: Lifecycle | None = None
    """How connections live there, None where the book only prices quantities, or a function's settings say it."""
    meters: dict[str, BookMeter] = Field(default_factory=dict)
    """Meters of this book, in the order of the lines of its bills; those of a function platform otherwise."""
    regions: dict[str, Region]
    periods: tuple[Period, ...] = Field(min_length=1)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{value!r} is not a time zone such as Asia/Shanghai") from None
        return value

    @model_validator(mode="after")
    def _periods_ascend(self) -> PriceBook:
        starts = [period.effective_from for period in self.periods]
        if sorted(set(starts)) != starts:
            raise ValueError("periods stand in the order of effective_from, each day once")
        if len({period.name for period in self.periods}) < len(self.periods):
            raise ValueError("each period needs a name of its own")
        if self.default_region not in self.regions:
            raise ValueError(f"default_region {self.default_region!r} is not among the regions")
        return self

    @property
    def is_of_functions(self) -> bool:
        """Whether it is of a function platform, whose settings are estimated and swept, and whose meters are known."""
        return self.stated_limits is not None or not self.meters

    @property
    def is_replayed_by_rules(self) -> bool:
        """Whether its `[lifecycle]` says how connections live there, and not the settings of a function."""
        return self.lifecycle is not None and self.stated_limits is None

    @property
    def most_held(self) -> int | None:
        """Most connections that an instance can be set to hold, None where the book tells of no instances. [1]"""
        if self.stated_limits is not None:
            return int(max(one.highest for one in self.stated_limits.max_concurrency))
        return None if self.lifecycle is None or self.lifecycle.held is None else self.lifecycle.most_held

    @property
    def limits(self) -> Limits:
        """What the platform documents of its settings.

        Raises
        ------
        CatalogError
            If the book only prices quantities.
        """
        if self.stated_limits is None:
            way_out = f"`scfcost estimate`, `sweep` and `compare --with {self.name}` replay a trace under its rules"
            if self.lifecycle is None:
                way_out = "give it quantities with `scfcost price`"
            raise CatalogError(f"{self.name} has no settings of a function, which this needs: {way_out}")
        return self.stated_limits

    def period(self, on: date | None = None) -> Period:
        """Return the period in force on a day, the newest by default.

        Raises
        ------
        CatalogError
            If the day lies before the first period.
        """
        if on is None:
            return self.periods[-1]
        in_force = [period for period in self.periods if period.effective_from <= on]
        if not in_force:
            raise CatalogError(
                f"{self.name} knows no prices of {on}; its first are of {self.periods[0].effective_from}"
            )
        return in_force[-1]

    def region(self, name: str | None = None) -> tuple[str, Region]:
        """Return a region by its name, the book's default where none is given.

        Raises
        ------
        CatalogError
            If the book has no such region.
        """
        wanted = name or self.default_region
        if wanted not in self.regions:
            raise CatalogError(f"region {wanted!r} is not in {self.name}; {nearest(wanted, self.regions)}")
        return wanted, self.regions[wanted]
