"""TOML files of users and of the package, checked against models: unknown keys refused, one line a fault."""

from __future__ import annotations

import tomllib
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from scfcost.core.errors import ScfcostError, nearest

Model = TypeVar("Model", bound=BaseModel)


def parse_model(model: type[Model], text: str, file: str, error: type[ScfcostError], *, whole: str) -> Model:
    """Check the text of a TOML file against a model.

    Parameters
    ----------
    model : type of BaseModel
        What the file is checked against.
    text : str
        The TOML.
    file : str
        What messages call it.
    error : type of ScfcostError
        The kind of error to raise.
    whole : str
        What a fault that is of no single key is of.

    Raises
    ------
    ScfcostError
        Of the kind `error`, one line a fault: file, key (`whole` where it is no single one) and what is wrong.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise error(f"{file}: not TOML: {fault}") from None
    except RecursionError:
        raise error(f"{file}: not TOML: it is nested too deeply") from None
    try:
        return model.model_validate(data)
    except ValidationError as found:
        places = [fault["loc"] for fault in found.errors()]
        faults = [
            f"{file}: {_key(fault['loc']) or whole}: {_words(fault['type'], fault['msg'])}" for fault in found.errors()
            if fault["type"] != "too_short" or not any(_lies_in(place, fault["loc"]) for place in places)
        ]  # fmt: skip
        raise error("\n".join(faults)) from None


def _lies_in(place: tuple[int | str, ...], outer: tuple[int | str, ...]) -> bool:
    """Whether a fault is of a part of a list: the list then seems to lack what is only faulty."""
    return len(place) > len(outer) and place[: len(outer)] == outer


def _key(location: tuple[int | str, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")


def _words(kind: str, message: str) -> str:
    return "missing key" if kind == "missing" else message.removeprefix("Value error, ")


def _decimal(value: Any) -> Decimal:
    if not isinstance(value, str | Decimal):
        raise ValueError(f'write the number as a string, such as "0.0133", not {value!r}')  # noqa: TRY004
    return read_exact(value)


def read_exact(value: str | Decimal) -> Decimal:
    """Read a decimal number of 0 or more that no product with a price or quantity loses a digit of.

    Raises
    ------
    ValueError
        If it is none, or has too many digits.
    """
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a decimal number") from None
    if not number.is_finite() or number < 0:
        raise ValueError(f"{value!r} is not a price or quantity of 0 or more")
    if number.adjusted() >= _DIGITS or -number.as_tuple().exponent > _DIGITS:  # type: ignore[operator]
        raise ValueError(f"{value!r} has more than {_DIGITS} digits before or after its point")
    return number


_DIGITS = 20
"""Most digits on either side of a decimal point; with more, a product could leave the exact context. [1]"""


Exact = Annotated[Decimal, BeforeValidator(_decimal)]
"""A decimal number of 0 or more, written as a string."""


class Strict(BaseModel):
    """A table of a file: its keys are known, and what was read stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for key in data if isinstance(data, dict) else ():
            if key not in known:
                raise ValueError(f"unknown key {key!r}; {nearest(key, known)}")
        return data
