"""`scfcost sensitivity` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.test_architecture import desk as desk
from tests.forked import scfcost


def test_the_drivers_are_drawn_and_written(desk: Path) -> None:
    done = scfcost("sensitivity", "traces.csv", "--by", "30%")
    assert done.returncode == 0, done.stderr
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    assert "−30%" in done.stdout
    assert "█" in done.stdout
    document = json.loads(scfcost("sensitivity", "traces.csv", "--format", "json").stdout)
    names = [one["name"] for one in document["drivers"]]
    for form in ("markdown", "csv"):
        text = scfcost("sensitivity", "traces.csv", "--format", form).stdout
        assert all(name in text for name in names)


def test_a_wrong_range_is_refused(desk: Path) -> None:
    done = scfcost("sensitivity", "traces.csv", "--by", "much")
    assert (done.returncode, "by: 'much' is not a number" in done.stderr) == (2, True)
