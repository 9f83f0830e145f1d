"""An architecture under `scfcost emulate`: a port a function, the services between them counted."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scfcost.analysis.architecture.schema import Architecture, Service, Trigger, load_architecture
from scfcost.billing.terms import Terms
from scfcost.cli.emulate_asked import Asked, read_address
from scfcost.config.settings import FUNCTION_FIELDS
from scfcost.core.errors import ConfigError
from scfcost.emulate.launch.command import command_of
from scfcost.emulate.model.rules import Mode, Rules
from scfcost.emulate.run import Function, Ran
from scfcost.emulate.services.counting import Service as Counted
from scfcost.emulate.services.counting import read_service
from scfcost.emulate.services.uses import uses_of

if TYPE_CHECKING:
    from scfcost.analysis.estimate.estimate import TraceEstimate


def architecture_functions(
    file: Path, asked: Asked, environment: Mapping[str, str], first: tuple[str, int], terms: Terms,
    flags: Mapping[str, Any],
) -> tuple[list[Function], list[Counted]]:  # fmt: skip
    """Return the functions of an architecture that have a command, and the services that have an address.

    A setting that is given as a flag goes before that of the file, for every function.

    Parameters
    ----------
    file : Path
        The architecture file.
    asked : Asked
        What the flags of the emulator ask for.
    environment : mapping
        Environment of the servers.
    first : (str, int)
        Host and port of the first function; the others follow.
    terms : Terms
        The price book of a date, with the plan and the region.
    flags : mapping
        Values of the command's shared flags and of those of its own, by name.

    Raises
    ------
    ConfigError
        If no function has a command.
    """
    found, functions = load_architecture(file), list[Function]()
    given = {field: flags[flag] for flag, field in FUNCTION_FIELDS.items() if flags.get(flag) is not None}
    for name, stated in found.functions.items():
        if stated.command is None:
            continue
        address, port = first[0], first[1] + len(functions) if first[1] else 0
        if stated.listen is not None:
            address, port = read_address(stated.listen, expose=asked.expose)
        here = file.parent.resolve()
        words = shlex.split(stated.command)
        if len(words) == 1 and (here / words[0]).is_dir():
            words = [str(here / words[0])]
        command = command_of(words, {**stated.env, **environment}, here)
        output = asked.output.with_name(f"{asked.output.stem}.{name}{asked.output.suffix}")
        rules = Rules.of(stated.config.replace(**given), Mode(asked.mode))
        step = terms.period.granularity_ms
        functions.append(Function(name, rules, command, output, (address, port), granularity_ms=step))
    if not functions:
        raise ConfigError(f'{file}: no function has a command, such as command = "node app.js", so nothing can run')
    addressed = [one for one in found.services if one.address is not None]
    return functions, [read_service(f"{_variable_name(one.name)}={one.address}") for one in addressed]


def _variable_name(name: str) -> str:
    """Return the first word of a service's name, which its environment variable begins with."""
    return name.split()[0].lower()


def costed(file: Path, ran: list[Ran], estimates: Mapping[str, TraceEstimate], flags: dict[str, Any]) -> dict[str, Any]:
    """Return the month of an architecture with the traffic and the uses that were measured.

    Parameters
    ----------
    file : Path
        The architecture file.
    ran : list of Ran
        What ran, function by function.
    estimates : mapping
        Estimate of each function's recording, by its name.
    flags : dict
        Values of the command's shared flags and of those of its own, by name.
    """
    from scfcost.analysis.architecture.cost import cost
    from scfcost.cli.architecture import pricing_of_architecture

    found = load_architecture(file)
    if not estimates:
        return {"architecture": None}
    document = cost(
        _measured(found, ran, estimates), dict(estimates), pricing_of_architecture(found, flags).terms()
    ).to_dict()
    return {"architecture": document}


def _measured(found: Architecture, ran: list[Ran], estimates: Mapping[str, TraceEstimate]) -> Architecture:
    """Put what was counted in the place of what was assumed.

    Functions that ran are called in their own traffic; one that nobody called costs nothing, and is left out.
    """
    names = {one.function.name for one in ran}
    calls = tuple(call for call in found.calls if call.callee not in names)
    services = tuple(
        _with_uses(one, [each for each in ran if each.function.name in estimates]) for one in found.services
    )
    functions = {
        name: one
        for name, one in found.functions.items()
        if name in estimates or (name not in names and any(call.callee == name for call in calls))
    }
    kept = tuple(call for call in calls if call.caller in functions)
    return found.model_copy(update={"calls": kept, "services": services, "functions": functions})


def _with_uses(service: Service, ran: list[Ran]) -> Service:
    counts = [
        (one, count) for one in ran for count in one.services if count.service.name == _variable_name(service.name)
    ]
    if not counts:
        return service
    uses = [use for one, count in counts for use in uses_of(one.function.name, count, one.host.model)]
    triggers = tuple(Trigger.model_validate({name: use[name] for name in ("caller", "on", "count")}) for use in uses)
    return service.model_copy(update={"uses": triggers})
