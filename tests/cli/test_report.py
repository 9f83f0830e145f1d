"""`scfcost report` as a user meets it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_estimate import desk
from tests.forked import scfcost

__all__ = ["desk"]


def test_a_page_is_written_and_said(desk: Path) -> None:
    done = scfcost("report", "traces.csv", "-o", "page.html")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("scfcost: page.html is written")
    assert (desk / "page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_page_goes_to_standard_output(desk: Path) -> None:
    done = scfcost("report", "traces.csv", "-o", "-", "--idle", "10,20", "--exec", "900", "--memories", "128", "-q")
    assert done.stdout.endswith("</html>\n")
    assert done.stderr == ""


def test_too_many_timeouts_are_refused(desk: Path) -> None:
    done = scfcost("report", "traces.csv", "--idle", "1:600")
    assert done.returncode == 2
    assert "a page holds at most 60" in done.stderr
    assert not (desk / "report.html").exists()


def test_the_settings_of_a_shared_instance_are_replayed(desk: Path) -> None:
    done = scfcost("report", "traces.csv", "--shared", "1,10", "--idle", "15,60", "--exec", "900")
    assert done.returncode == 0
    assert "replayed one by one" in done.stderr
