"""What runs beside changes no answer, and hides no error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scfcost.lifecycle.threads import ahead, each


def made(count: int, fault: int) -> Iterator[int]:
    for number in range(count):
        if number == fault:
            raise ValueError(number)
        yield number


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_what_is_made_ahead_comes_in_its_order(count: int) -> None:
    assert list(ahead(made(count, -1))) == list(range(count))


def test_a_fault_of_what_is_made_ahead_is_raised_where_it_would_come() -> None:
    seen: list[int] = []
    with pytest.raises(ValueError, match="2"):
        seen.extend(one for one in ahead(made(5, 2)))
    coming = ahead(made(5, 2))
    assert (next(coming), next(coming)) == (0, 1)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_each_part_is_run_once_and_a_fault_is_raised(count: int) -> None:
    seen: list[int] = []
    each(seen.append, range(count))
    assert sorted(seen) == list(range(count))
    with pytest.raises(ZeroDivisionError):
        each(lambda part: seen.append(1 // (part - count + 1)), range(count))
