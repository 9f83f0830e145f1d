"""Everything that is written of one function: its trace, its log, what is said of each connection."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

from scfcost.emulate.model.connection import Connection
from scfcost.emulate.model.rules import Rules
from scfcost.emulate.recording.journal import MOST_ROWS, Journal
from scfcost.emulate.recording.log import PlatformLog
from scfcost.lifecycle.outcomes import OPEN, name

LOG_SUFFIX = ".cls.jsonl"
_TAIL = str(uuid.uuid4())[8:]


def request_id(number: int) -> str:
    """Return the id of a request: ascending as text, so that starts of one ms keep their order in a trace."""
    return f"{number:08x}{_TAIL}"


class Recorder:
    """Writes down what becomes of the connections of one function.

    Parameters
    ----------
    output : Path
        The trace file to come; the log stands beside it.
    function : str
        Name of the function.
    rules : Rules
        Its settings.
    begin_ms : int
        Start of the window. [ms]
    say : callable
        Told each line of the log.
    has_clients : bool
        Whether clients are told apart.
    """

    def __init__(
        self, output: Path, function: str, rules: Rules, begin_ms: int, say: Callable[[str], None], *,
        has_clients: bool = False,
    ) -> None:  # fmt: skip
        self.output, self.log_path = output, output.with_name(output.stem + LOG_SUFFIX)
        self.journal = Journal(output, function, has_clients=has_clients)
        self.log = PlatformLog(self.log_path, function, rules.function.memory_mb)
        self._rules, self._begin_ms, self._say = rules, begin_ms, say
        if self.journal.left_over is not None:
            say(f"{self.journal.left_over}: what a run that was killed has recorded; scfcost estimate reads it")

    def opened(self, connection: Connection, client: str, init_ms: int | None) -> None:
        """Write that an invocation began, `init_ms` after its instance did where that is new.

        Parameters
        ----------
        connection : Connection
            The connection.
        client : str
            What tells the client apart.
        init_ms : int or None
            How long its instance took until it listened, None where it is not new. [ms]
        """
        identity = request_id(connection.number)
        self.journal.connect(identity, connection.start_ms, client)
        for line in self.log.start(identity, connection.start_ms, connection.instance.number, init_ms):
            self._say(line)

    def judged(self, connection: Connection) -> None:
        """Write a verdict."""
        identity = request_id(connection.number)
        if connection.outcome == OPEN:
            self.log.still_open(identity, connection)
            return
        report = self.log.end(identity, connection)[-1]
        self._say(f"{report} StatusCode:{name(connection.outcome)}")

    def closed(self, connection: Connection, at_ms: int, close_code: int, closed_by: int) -> None:
        """Write a connection's own end.

        Parameters
        ----------
        connection : Connection
            The connection.
        at_ms : int
            When. [ms since the epoch]
        close_code : int
            RFC 6455 code; 1006 where no close frame was seen.
        closed_by : int
            BY_CLIENT or BY_SERVER.
        """
        self.journal.close(request_id(connection.number), at_ms, close_code, closed_by)

    def cut(self, connection: Connection) -> None:
        """Write that a connection was cut."""
        self.journal.cut(request_id(connection.number), connection, self._rules.idle_ms, self._rules.exec_ms)

    def refused(self, at_ms: int, code: int, number: int) -> str:
        """Write that a request never ran, and return its id.

        Parameters
        ----------
        at_ms : int
            When. [ms since the epoch]
        code : int
            Status code.
        number : int
            The code as the log has it.
        """
        identity = str(uuid.uuid4())
        self.log.refused(identity, at_ms, code)
        self._say(f"REFUSED RequestId: {identity} StatusCode:{code} ({number})")
        return identity

    @property
    def is_full(self) -> bool:
        """Whether so many rows are held that they should be written now."""
        return len(self.journal.rows) >= MOST_ROWS

    def flush(self, now_ms: int) -> None:
        """Write down what is held."""
        self.journal.flush((self._begin_ms, now_ms))
        self.log.flush()

    def finish(self, now_ms: int) -> bool:
        """Write the trace file; False where nobody connected."""
        self.log.close()
        return self.journal.finish((self._begin_ms, now_ms))
