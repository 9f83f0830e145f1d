"""The command line as users run it, a process each, without loading the libraries anew each time.

A server that has everything loaded (`server`) forks a process for each command, which gets the arguments, environment,
folder and streams of the one that asks. Tests call `scfcost`, or `Forked` for one that runs beside them; `for_shells`
is the environment of lines of shell. What is about the process itself (its start, its caches, closed streams) starts a
real one.
"""

from tests.forked.command import LIMIT_S, Forked, for_shells, own_environment, scfcost

__all__ = ["LIMIT_S", "Forked", "for_shells", "own_environment", "scfcost"]
