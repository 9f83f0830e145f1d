"""The scenario file: what it holds, and what is said of one that holds something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from scfcost.core.errors import ConfigError
from scfcost.workload.generate import plan
from scfcost.workload.presets import preset, preset_names, preset_text
from scfcost.workload.schema import load_scenario, parse_scenario

SOUND = """
name = "one"
[arrivals]
per_hour = 10
[session]
length = "5m"
[[streams]]
name = "talk"
gap = "20s"
bytes = 100
"""


def test_a_small_file_is_enough() -> None:
    found = parse_scenario(SOUND, "my.toml")
    assert (found.session.length.mean(), found.streams[0].gap.mean()) == (300_000, 20_000)
    assert found.start_ms() == 1_767_542_400_000  # Monday 2026-01-05 00:00 in Shanghai


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("per_hour = 10", "per_hour = -1", "arrivals.per_hour: Input should be greater than 0"),
        ("per_hour = 10", "per_our = 10", "arrivals: unknown key 'per_our'; did you mean 'per_hour'"),
        (
            "per_hour = 10",
            "per_hour = 10\nper_day = 9",
            "arrivals: give one of per_hour, per_day, users, always and daily",
        ),
        ("per_hour = 10", "users = 10", "users come with one of visits_per_day and away"),
        ("per_hour = 10", "per_hour = 10\nhour_of_day = [1, 2]", "arrivals.hour_of_day: expected 24 weights"),
        ("per_hour = 10", "per_hour = 10\nday_of_week = [0,0,0,0,0,0,0]", "arrivals.day_of_week: expected 7 weights"),
        ("per_hour = 10", 'users = 3\naway = "0s"', "away: the mean time away is not more than 0"),
        (
            "per_hour = 10",
            'users = 3\naway = "1h"\nflash_crowds = [{at = 20:00:00, sessions = 3}]',
            "flash_crowds: a closed population has none",
        ),
        (
            "per_hour = 10",
            'per_hour = 1\nflash_crowds = [{at = 20:00:00, sessions = 3, over = "0s"}]',
            "takes some time",
        ),
        ('length = "5m"', 'length = "0s"', "session: length: the mean length is not more than 0"),
        ('length = "5m"', 'length = "long"', "session.length: 'long' is not a time such as"),
        ('length = "5m"', 'length = "5m"\nlost = "120%"', "session.lost: '120%' is more than the whole"),
        ('length = "5m"', 'length = "5m"\ncloses = [{code = 1000, share = 0.4}]', "the shares add up to 0.4, not to 1"),
        ('length = "5m"', 'length = "5m"\npace = 0', "pace: the mean pace is not more than 0"),
        ('gap = "20s"', 'gap = "20m"', "stream 'talk': its median gap of 20m is longer than nine in ten sessions"),
        ('gap = "20s"', 'gap = "0s"', "gap: the mean gap is not more than 0"),
        ('gap = "20s"', 'gap = "20s"\nfan_out = true', r"a stream fans out but there are no \[rooms\]"),
        ('gap = "20s"', 'gap = "20s"\nfan_out = true\ndirection = "down"', "only data messages from a client go on"),
        ('[[streams]]\nname = "talk"\ngap = "20s"\nbytes = 100', "", r"no messages: give \[\[streams\]\]"),
        ("bytes = 100", "bytes = 100\n[rooms]\ncount = 2\nmembers = 3", "rooms: give one of count and members"),
        ("bytes = 100", 'bytes = 100\n[heartbeat]\nevery = "0s"', "expected a period of more than 0"),
        ('name = "one"', 'name = "one"\ntime_zone = "Mars"', "time_zone: 'Mars' is not known"),
        ('name = "one"', 'name = "one"\nstart = 2026-01-05T00:00:00Z', "start: expected a moment without an offset"),
        ('name = "one"', "", "name: missing key"),
        ('name = "one"', "name = one", "my.toml: not TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_key(old: str, new: str, message: str) -> None:
    assert old in SOUND
    with pytest.raises(ConfigError, match=message):
        plan(parse_scenario(SOUND.replace(old, new, 1), "my.toml"))


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nothing\.toml: cannot be read: No such file"):
        load_scenario(tmp_path / "nothing.toml")


@pytest.mark.parametrize("name", preset_names())
def test_each_preset_is_sound_and_says_where_its_figures_come_from(name: str) -> None:
    assert plan(preset(name)).size.sessions > 100
    assert "guess" in preset_text(name)


def test_an_unknown_preset_is_said() -> None:
    with pytest.raises(ConfigError, match="did you mean 'chat-room'"):
        preset("chatroom")


@pytest.mark.parametrize(
    ("days", "scale", "message"),
    [
        (0, 1, "days: 0 is not more than 0"),
        (7, -2, "scale: -2 is not more than 0"),
        (7, 1e8, "168,083,333,333 sessions and 2,520,000,000,000 messages, about 63,000 GB of memory"),
        (0.001, 0.01, "sessions in 0.001 days: nothing to estimate"),
    ],
)
def test_impossible_sizes_are_refused_before_any_work(days: float, scale: float, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        plan(parse_scenario(SOUND, "my.toml"), days=days, scale=scale)
