"""Quantities as a person states them: `30,000`, `1e6`, `980MB`, `1.5s`."""

from __future__ import annotations

import re
from decimal import Decimal

from scfcost.core.errors import ConfigError
from scfcost.core.money import EXACT, tidy
from scfcost.core.tables import read_exact

_SIZES = {"KB": Decimal(1) / 1024**2, "MB": Decimal(1) / 1024, "GB": Decimal(1), "TB": Decimal(1024)}
_TIMES = {"MS": Decimal(1), "S": Decimal(1000), "M": Decimal(60_000)}
UNITS = {"--egress-gb": _SIZES, "--duration-ms": _TIMES}
"""Units that the value of a flag may carry, each in what the flag counts by itself."""
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
_UNIT = re.compile(r"(?<=[\d.])\s*([A-Za-z]+)$")


def stated(text: str, option: str) -> Decimal:
    """Read a quantity, whose commas part thousands and whose unit, where the flag knows some, is converted exactly.

    Parameters
    ----------
    text : str
        What was written.
    option : str
        The flag, which stands in the message.

    Raises
    ------
    ConfigError
        If it is no quantity of 0 or more, or could be read in two ways.

    Examples
    --------
    >>> str(stated("1,000 MB", "--egress-gb")), str(stated("1.5s", "--duration-ms"))
    ('0.9765625', '1500')
    """
    number, units, unit = text.strip().replace("_", ""), UNITS.get(option, {}), Decimal(1)
    found = _UNIT.search(number)
    if found and found[1].upper() in units:
        number, unit = number[: found.start()], units[found[1].upper()]
    if "," in number and not _THOUSANDS.fullmatch(number):
        raise ConfigError(
            f"{option}: {text!r} can be read in two ways: write the decimal point as a dot, as in 0.98; "
            "commas only part thousands, as in 30,000"
        )
    try:
        value = read_exact(number.replace(",", ""))
    except ValueError as error:
        taken = f"; {option} takes a number, or one in {', '.join(units)}" if units else ""
        raise ConfigError(f"{option}: {error}{taken.replace('MS, S, M', 'ms, s, m')}") from None
    return tidy(EXACT.multiply(value, unit)) if found and unit != 1 else value
