"""The log of a function in the shape in which the platform's log service exports it, and as lines for the screen.

References
----------
Fields: cloud.tencent.com/document/product/583/60336; lines: the console's log of a function.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO

from scfcost.core.errors import TraceError
from scfcost.emulate.model.connection import Connection
from scfcost.lifecycle.outcomes import OPEN, RECYCLED, SERVER_CLOSE, name

OUTCOME, INSTANCE = "Emulator_Outcome", "Emulator_Instance"
"""Fields that the platform's own log lacks: the outcome where no status code says it, and the instance."""
_NS_PER_MS = 1_000_000


class PlatformLog:
    """The log of one function, a JSON record a line.

    Raises
    ------
    TraceError
        If nothing can be written there.
    """

    def __init__(self, path: Path, function: str, memory_mb: int) -> None:
        self.path, self._function, self._memory_mb = path, function, memory_mb
        self._lines: list[str] = []
        self._tick = 0
        try:
            self._file: IO[str] = path.open("w", encoding="utf-8")
        except OSError as error:
            raise TraceError(f"{path}: cannot be written: {error.strerror}") from None

    def start(self, identity: str, at_ms: int, instance: int, init_ms: int | None) -> list[str]:
        """Write that a request began, after its instance if that is new; return the lines for the screen.

        Parameters
        ----------
        identity : str
            Id of the request.
        at_ms : int
            When. [ms since the epoch]
        instance : int
            Number of the instance.
        init_ms : int or None
            How long its instance took until it listened, None where it is not new. [ms]
        """
        lines = [f"START RequestId: {identity}"]
        if init_ms is not None:
            told = f"Init Report RequestId: {identity} Coldstart: {init_ms}ms (PullCode: 0ms InitRuntime: {init_ms}ms)"
            lines.insert(0, told)
        for line in lines:
            self._record(identity, line, at_ms, at_ms, 0, OPEN, instance)
        return lines

    def end(self, identity: str, connection: Connection) -> list[str]:
        """Write that a request ended, and its report; return the lines for the screen.

        Parameters
        ----------
        identity : str
            Id of the request.
        connection : Connection
            The connection.
        """
        start_ms, end_ms, outcome = connection.start_ms, connection.end_ms, connection.outcome
        duration_ms, instance = end_ms - start_ms, connection.instance.number
        status = SERVER_CLOSE if outcome == RECYCLED else outcome
        report = f"Report RequestId: {identity} Duration:{duration_ms}ms Memory:{self._memory_mb}MB"
        lines = [f"END RequestId: {identity}", report]
        for line in lines:
            self._record(identity, line, start_ms, end_ms, duration_ms, status, instance, name(outcome))
        return lines

    def still_open(self, identity: str, connection: Connection) -> None:
        """Write that a request runs on as the log ends.

        Parameters
        ----------
        identity : str
            Id of the request.
        connection : Connection
            The connection.
        """
        line = f"RUNNING RequestId: {identity}"
        number = connection.instance.number
        self._record(identity, line, connection.start_ms, connection.end_ms, 0, OPEN, number)

    def refused(self, identity: str, at_ms: int, code: int) -> None:
        """Write that a request never ran.

        Parameters
        ----------
        identity : str
            Id of the request.
        at_ms : int
            When. [ms since the epoch]
        code : int
            Status code.
        """
        self._record(identity, f"REFUSED RequestId: {identity} {code}", at_ms, at_ms, 0, code, -1)

    def _record(
        self, identity: str, message: str, start_ms: int, at_ms: int, duration_ms: int, status: int, instance: int,
        outcome: str = "",
    ) -> None:  # fmt: skip
        self._tick = (self._tick + 1) % _NS_PER_MS  # records of one ms keep their order
        record = {
            "SCF_FunctionName": self._function, "SCF_Namespace": "default", "SCF_Qualifier": "$LATEST",
            "SCF_RequestId": identity, "SCF_StartTime": str(start_ms),
            "SCF_LogTime": str(at_ms * _NS_PER_MS + self._tick), "SCF_Duration": str(duration_ms),
            "SCF_Level": "INFO", "SCF_Type": "Platform", "SCF_StatusCode": str(status),
            "SCF_RetryNum": "0", "SCF_Message": message, INSTANCE: instance,
        }  # fmt: skip
        self._lines.append(json.dumps(record | ({OUTCOME: outcome} if outcome else {})) + "\n")

    def flush(self) -> None:
        """Write down what is held."""
        lines, self._lines = self._lines, []
        self._file.write("".join(lines))
        self._file.flush()

    def close(self) -> None:
        """Write down the rest."""
        self.flush()
        self._file.close()
