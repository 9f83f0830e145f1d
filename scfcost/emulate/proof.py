"""The verdicts that were given live against those that scfcost finds in the recording: each code, each millisecond."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from scfcost.config.function import FunctionConfig
from scfcost.core.text import counted
from scfcost.core.units import MS_PER_SECOND
from scfcost.emulate.model.rules import Mode, Rules
from scfcost.emulate.recording.log import OUTCOME
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.outcomes import name
from scfcost.lifecycle.records import Run
from scfcost.lifecycle.run import run
from scfcost.trace.formats.scf_records import records_of_text
from scfcost.trace.model import Trace

_NEVER_S = 10 * 365 * 86_400
"""A timeout that nothing reaches. [s]"""
_LISTED = 10


@dataclass(frozen=True, slots=True)
class Proof:
    """How far the live run and the replay of its recording agree."""

    connections: int
    wrong_codes: int
    """Connections whose outcome differs. [1]"""
    deviating: int
    """Connections whose start or duration differs. [1]"""
    most_ms: int
    """Largest difference of a duration. [ms]"""
    billed_ms: int
    """Busy time of instances as scfcost packs the recorded connections. [ms]"""
    instances: int
    """Instances as scfcost packs them. [1]"""
    examples: tuple[str, ...]
    """Some of what differs, in words."""

    @property
    def holds(self) -> bool:
        """Whether both agree on every connection."""
        return not self.wrong_codes and not self.deviating

    def sentence(self) -> str:
        """Say how far they agree."""
        count = counted(self.connections, "connection")
        if self.holds:
            return f"{count}: every code and every millisecond is what scfcost finds in the recording"
        return (
            f"{count}: {self.wrong_codes:,} codes and {self.deviating:,} durations are not what scfcost finds in the "
            f"recording, by up to {self.most_ms:,} ms: {'; '.join(self.examples)}"
        )


def prove(trace: Trace, log_path: Path, rules: Rules) -> Proof:
    """Compare a live log with the replay of the trace that was recorded beside it.

    Parameters
    ----------
    trace : Trace
        What was recorded, as it is read back.
    log_path : Path
        The log that stands beside it.
    rules : Rules
        The settings that were enforced, or judged by.
    """
    found = run(trace, dict.fromkeys(trace.functions, _plain(rules)), Platform())
    replayed, live = _replayed(trace, found), _live(log_path)
    wrong, deviating, most, examples = 0, 0, 0, []
    for identity in replayed.keys() | live.keys():
        one, other = live.get(identity), replayed.get(identity)
        if one == other:
            continue
        examples.append(f"{identity} was {_shown(one)}, is {_shown(other)}")
        wrong += one is None or other is None or one[2] != other[2]
        if one is not None and other is not None:
            deviating += one[:2] != other[:2]
            most = max(most, abs(one[1] - other[1]))
    instances = len(set(found.packing.instance.tolist()) - {-1})
    busy_ms = int(found.packing.busy_ms.sum())
    return Proof(len(live), wrong, deviating, most, busy_ms, instances, tuple(examples[:_LISTED]))


def _plain(rules: Rules) -> FunctionConfig:
    """Return the settings with what the live run itself did: clients that come back are connections of their own."""
    plain = replace(
        rules.function, reconnect=None, heartbeat_s=None, init_ms=0, provisioned=rules.provisioned,
        recycle_on_error=rules.recycles,
    )  # fmt: skip
    return replace(plain, idle_timeout_s=_NEVER_S, exec_timeout_s=_NEVER_S) if rules.mode is Mode.RECORD else plain


def _replayed(trace: Trace, found: Run) -> dict[str, tuple[int, int, str]]:
    rows = found.invocations
    columns = (rows.start_ms.tolist(), rows.duration_ms.tolist(), rows.outcome.tolist())
    return {
        str(trace.connection_id[session]): (start_ms, duration_ms, name(outcome))
        for session, start_ms, duration_ms, outcome in zip(rows.session.tolist(), *columns, strict=True)
    }


def _live(path: Path) -> dict[str, tuple[int, int, str]]:
    """Return start, duration and outcome of each request that ran, by its id."""
    found: dict[str, tuple[int, int, str]] = {}
    text = path.read_text(encoding="utf-8")
    for record in records_of_text(text, str(path))[0] if text else ():
        message, identity, start_ms = record["SCF_Message"], record["SCF_RequestId"], int(record["SCF_StartTime"])
        if message.startswith("RUNNING"):
            end_ms = int(record["SCF_LogTime"]) // (1_000 * MS_PER_SECOND)
            found[identity] = start_ms, end_ms - start_ms, record["SCF_StatusCode"]
        elif OUTCOME in record:
            found[identity] = start_ms, int(record["SCF_Duration"]), record[OUTCOME]
    return found


def _shown(row: tuple[int, int, str] | None) -> str:
    return "not there" if row is None else f"{row[2]} after {row[1]:,} ms"
