"""A world of its own clock around the model: clients that keep to their plans, and rows as a recording holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from scfcost.config.function import FunctionConfig
from scfcost.emulate.model.connection import ENDED, WAITING, Connection
from scfcost.emulate.model.function import FunctionModel
from scfcost.emulate.model.rules import Mode, Rules
from scfcost.lifecycle.outcomes import EXEC_TIMEOUT, IDLE_TIMEOUT, RECYCLED
from scfcost.lifecycle.placement import Account, Instance
from scfcost.trace.model import BY_SERVER
from tests.oracles.lifecycle import Session
from tests.strategies import SIDES

CLOSED_BY = {value: name for name, value in SIDES.items()}


@dataclass(frozen=True)
class Step:
    """Something that a client's plan, or its server, does at an instant. Steps of one instant come by their turn."""

    at: int
    turn: int
    client: int
    what: str
    detail: Any = None


@dataclass(eq=False)
class World:
    """Carries out what the model decides, at once or after `init_ms`, and writes down what was seen."""

    config: FunctionConfig
    mode: Mode = Mode.CUT
    account: Account = field(default_factory=Account)
    init_ms: int = 0
    recorded: list[Session] = field(default_factory=list)
    """One session an invocation, in the order of the starts."""
    verdicts: dict[int, tuple[int, int, int, int]] = field(default_factory=dict)
    """Start, end, outcome and egress by the number of the invocation."""
    instance_of: dict[int, int] = field(default_factory=dict)
    turned_away: dict[int, int] = field(default_factory=dict)
    """Code by client."""
    starting: list[tuple[int, Instance]] = field(default_factory=list)
    stopped: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.model = FunctionModel(Rules.of(self.config, self.mode), self, self.account)
        self.connections: dict[int, Connection] = {}
        self.model.begin(0)

    def run(self, steps: list[Step], end: int) -> int:
        """Let everything happen in its order; the model is asked for nothing in between, as if timers were late."""
        for step in sorted(steps, key=lambda s: (s.at, s.turn)):
            if step.at > end:
                break
            self._let_start(step.at)
            self._do(step)
        self._let_start(end)
        return self.model.finish(end)

    def _let_start(self, until: int) -> None:
        while self.starting and self.starting[0][0] <= until:
            at, instance = self.starting.pop(0)
            self.model.ready(at, instance)

    def _do(self, step: Step) -> None:
        if step.what == "connect":
            found = self.model.arrive(step.at, step.client)
            if isinstance(found, int):
                self.turned_away[step.client] = found
            else:
                self.connections[step.client] = found
            self._let_start(step.at)
            return
        connection = self.connections.get(step.client)
        if connection is None or connection.state == ENDED:
            return
        if step.what == "close":
            self.model.close(step.at, connection, *step.detail)
        elif step.what == "die":
            self._die(step.at, connection)
        elif connection.state != WAITING:
            self._pass(step, connection)

    def _die(self, at: int, connection: Connection) -> None:
        """Let the process of a connection die while it serves it: of one that is idle no recording tells."""
        self.model.advance(at)
        if connection.state != ENDED:
            self.model.died(at, connection.instance)

    def _pass(self, step: Step, connection: Connection) -> None:
        direction, size, kind = step.detail
        at = self.model.passes(step.at, connection)
        if at < 0:
            return
        if kind == "data":
            self.model.spoke(at, connection, int(direction == "down"), size)
        else:
            self.model.pinged(at, connection)
        self.recorded[connection.number].messages.append((at, direction, size, kind))

    # What the model asks

    def start(self, instance: Instance) -> None:
        self.starting.append((self.model.now_ms + self.init_ms, instance))

    def stop(self, instance: Instance) -> None:
        self.stopped.append(instance.number)

    def rest(self, instance: Instance) -> None: ...

    def wake(self, instance: Instance) -> None: ...

    def opened(self, connection: Connection) -> None:
        assert connection.number == len(self.recorded)
        self.recorded.append(Session(connection.start_ms, None, [], None, ""))
        self.instance_of[connection.number] = connection.instance.number

    def judged(self, connection: Connection) -> None:
        assert connection.number not in self.verdicts
        seen = connection.start_ms, connection.end_ms, connection.outcome, connection.egress_bytes
        self.verdicts[connection.number] = seen

    def closed(self, connection: Connection, at_ms: int, close_code: int, closed_by: int) -> None:
        self._close(connection, at_ms, close_code, closed_by)

    def dropped(self, connection: Connection) -> None:
        assert connection.outcome in (IDLE_TIMEOUT, EXEC_TIMEOUT, RECYCLED)
        late = connection.outcome == RECYCLED  # its own close would have come later
        self._close(connection, connection.end_ms + late, 1006, BY_SERVER)

    def refused(self, connection: Connection, code: int) -> None:
        self.turned_away[connection.edge] = code

    def _close(self, connection: Connection, at_ms: int, close_code: int, closed_by: int) -> None:
        session = self.recorded[connection.number]
        assert session.close is None
        session.close, session.close_code, session.closed_by = at_ms, close_code, CLOSED_BY[closed_by]
