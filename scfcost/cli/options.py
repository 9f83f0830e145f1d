"""The flags that several commands share, each with its help, unit and default."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from scfcost.cli import completion, times

_FUNCTION = "Function"
_INSTANCES = "Instances"
_CLIENTS = "Clients"
_PRICES = "Prices"
_SCENARIO = "Scenarios"
_READING = "Reading"
_OUTPUT = "Output"
_SCALE = "Large traces"
_PLATFORMS = "Other platforms"


class Reconnect(StrEnum):
    """What a client does after a cut."""

    NONE = "none"
    ON_DEMAND = "on-demand"
    IMMEDIATE = "immediate"


class FunctionType(StrEnum):
    """Kinds of function."""

    WEB_WS = "web-ws"
    WEB_HTTP = "web-http"
    EVENT = "event"


class Placement(StrEnum):
    """Which running instance takes the next connection."""

    FULLEST = "fullest"
    LEAST_LOADED = "least-loaded"


class TimeUnit(StrEnum):
    """Units of timestamps."""

    S = "s"
    MS = "ms"
    US = "us"
    NS = "ns"
    ISO = "iso"


class OnError(StrEnum):
    """What to do with bad rows."""

    STRICT = "strict"
    SKIP = "skip"


class TrafficRule(StrEnum):
    """Which meter counts the bytes of a web function."""

    RESPONSE = "response"
    OUTBOUND = "outbound"


class OnQuota(StrEnum):
    """What happens to connections beyond the memory quota or the burst limit."""

    REPORT = "report"
    REFUSE = "refuse"


class Engine(StrEnum):
    """Where the parts of a large trace are worked on."""

    LOCAL = "local"
    DASK = "dask"


class Format(StrEnum):
    """Forms of a result."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    SH = "sh"


class EstimateFormat(StrEnum):
    """Forms of an estimate."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    FOCUS = "focus"


class FocusVersion(StrEnum):
    """Versions of FOCUS."""

    V1_2 = "1.2"
    V1_4 = "1.4"


Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATHS...",
        help="Traces: files, globs, - for standard input; or a scenario (.toml).",
        show_default=False,
    ),
]

Memory = Annotated[
    int | None, typer.Option(help="Memory of an instance, in MB. [default: 128]", rich_help_panel=_FUNCTION)
]
IdleTimeout = Annotated[
    float | None,
    times.option(
        help="Idle timeout: longest silence, such as 90s or 15m; a bare number is in seconds. [default: 15]",
        rich_help_panel=_FUNCTION,
    ),
]
ExecTimeout = Annotated[
    float | None,
    times.option(help="Execution timeout: longest life. [default: 900]", rich_help_panel=_FUNCTION),
]
InitTimeout = Annotated[
    float | None, times.option(help="Initialisation timeout. [default: 60]", rich_help_panel=_FUNCTION)
]
MaxConcurrency = Annotated[
    int | None,
    typer.Option(help="Connections an instance holds, up to what it can. [default: 1]", rich_help_panel=_INSTANCES),
]
KeepAlive = Annotated[
    float | None,
    times.option(help="How long an instance without connections is kept. [default: 0]", rich_help_panel=_INSTANCES),
]
PlacementOption = Annotated[
    Placement | None,
    typer.Option(
        "--placement",
        help="Running instance that takes the next connection. [default: fullest]",
        rich_help_panel=_INSTANCES,
    ),
]
FunctionTypeOption = Annotated[
    FunctionType | None,
    typer.Option("--function-type", help="Kind of function. [default: web-ws]", rich_help_panel=_FUNCTION),
]
PingResetsIdle = Annotated[
    bool | None,
    typer.Option(
        "--ping-resets-idle/--no-ping-resets-idle",
        help="Ping and pong rows count as activity. [default: no]",
        rich_help_panel=_FUNCTION,
        show_default=False,
    ),
]  # fmt: skip
EmptyCloseIsNormal = Annotated[
    bool | None,
    typer.Option(
        "--empty-close-is-normal/--no-empty-close-is-normal",
        help="Close code 1005 counts as a normal close. [default: no]",
        rich_help_panel=_FUNCTION,
        show_default=False,
    ),
]  # fmt: skip

Provisioned = Annotated[
    str | None,
    typer.Option(
        help="Instances started in advance: a number, or a schedule such as '2, 10@mon-fri 09:00-18:00'. [default: 0]",
        rich_help_panel=_INSTANCES,
    ),
]
InitMs = Annotated[
    str | None,
    typer.Option(
        help="Initialisation of a cold start in ms: 450, 300:900, 300,400,2500 or p50=400,p95=1500. [default: 0]",
        rich_help_panel=_INSTANCES,
    ),
]
BillInit = Annotated[
    bool | None,
    typer.Option(
        "--bill-init/--no-bill-init",
        help="Initialisation is billed. [default: no]",
        rich_help_panel=_INSTANCES,
        show_default=False,
    ),
]  # fmt: skip
RecycleOnError = Annotated[
    bool | None,
    typer.Option(
        "--recycle-on-error/--no-recycle-on-error",
        help="An end with 433 or 439 also cuts the other connections of its instance. [default: no]",
        rich_help_panel=_INSTANCES,
        show_default=False,
    ),
]  # fmt: skip
MemoryBase = Annotated[
    float | None,
    typer.Option(help="MB an instance needs without connections. [default: not known]", rich_help_panel=_INSTANCES),
]
MemoryPerConnection = Annotated[
    float | None,
    typer.Option(help="MB each connection of an instance needs. [default: not known]", rich_help_panel=_INSTANCES),
]
OnQuotaOption = Annotated[
    OnQuota | None,
    typer.Option(
        "--on-quota",
        help="Connections beyond quota or burst limit: report and serve, or refuse. [default: report]",
        rich_help_panel=_INSTANCES,
    ),
]
Seed = Annotated[
    int | None, typer.Option(help="Seed of what is drawn at random. [default: 0]", rich_help_panel=_SCENARIO)
]

ReconnectOption = Annotated[
    Reconnect | None,
    typer.Option("--reconnect", help="What clients do after a cut. [default: none]", rich_help_panel=_CLIENTS),
]
ReconnectDelay = Annotated[
    float | None,
    times.option(help="How long until an immediate client is back. [default: 1]", rich_help_panel=_CLIENTS),
]
MaxRetries = Annotated[
    int | None,
    typer.Option(help="Tries in a row of a client that is refused. [default: 3]", rich_help_panel=_CLIENTS),
]
BufferPushes = Annotated[
    bool | None,
    typer.Option(
        "--buffer-pushes/--no-buffer-pushes",
        help="Pushes wait for an immediate client that is away. [default: no]",
        rich_help_panel=_CLIENTS,
        show_default=False,
    ),
]  # fmt: skip
Heartbeat = Annotated[
    float | None,
    times.option(help="Inject a heartbeat, every so often.", rich_help_panel=_CLIENTS, show_default=False),
]
HeartbeatUpBytes = Annotated[
    int | None, typer.Option(help="Bytes of an injected heartbeat. [default: 0]", rich_help_panel=_CLIENTS)
]
HeartbeatDownBytes = Annotated[
    int | None, typer.Option(help="Bytes of the answer to a heartbeat. [default: 0]", rich_help_panel=_CLIENTS)
]
ClientIdle = Annotated[
    float | None,
    times.option(
        help="How long after its own last message a client closes by itself; it comes back with its next one.",
        rich_help_panel=_CLIENTS,
        show_default=False,
    ),
]  # fmt: skip
DropHeartbeats = Annotated[
    str | None,
    typer.Option(
        help="Leave out heartbeats in the trace: 'kind' (ping, pong) or a largest size in bytes.",
        rich_help_panel=_CLIENTS,
        show_default=False,
    ),
]  # fmt: skip

Region = Annotated[
    str | None,
    typer.Option(
        help="Region of prices and quota. [default: the catalog's]",
        autocompletion=completion.regions,
        rich_help_panel=_PRICES,
    ),
]
Plan = Annotated[
    str | None,
    typer.Option(
        help="payg, free, trial or a package. [default: payg]", autocompletion=completion.plans, rich_help_panel=_PRICES
    ),
]
Catalog = Annotated[
    str | None,
    typer.Option(
        help="Price book: a name or a TOML file. [default: tencent-scf-cn]",
        autocompletion=completion.catalogs,
        rich_help_panel=_PRICES,
    ),
]
PricingDate = Annotated[
    str | None,
    typer.Option(
        help="Day whose prices apply. [default: the newest period]",
        rich_help_panel=_PRICES,
    ),
]
TrafficRuleOption = Annotated[
    TrafficRule | None,
    typer.Option(
        "--traffic-rule", help="Meter of a web function's bytes. [default: response]", rich_help_panel=_PRICES
    ),
]
TrafficPrice = Annotated[
    str | None,
    typer.Option(
        help="Price of a GB of traffic, where the price book does not know it or you pay another.",
        rich_help_panel=_PRICES,
    ),
]
QuotaMb = Annotated[
    int | None,
    typer.Option(help="Regional memory quota, in MB. [default: the plan's or region's]", rich_help_panel=_INSTANCES),
]
BurstPerMinute = Annotated[
    int | None,
    typer.Option(help="New instances a minute. [default: the plan's or catalog's]", rich_help_panel=_INSTANCES),
]

Rate = Annotated[
    list[str] | None,
    typer.Option("--rate", help="What one of another currency is worth, such as USD=7.1.", rich_help_panel=_PLATFORMS),
]
EgressPrice = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=PRICE",
        help="Price of a GB of traffic on another platform, in its currency, such as alibaba-fc=0.50; repeatable.",
        rich_help_panel=_PLATFORMS,
    ),
]
HandlerMs = Annotated[
    int | None,
    typer.Option(min=0, help="How long a handler runs for a connect or a message, in ms.", rich_help_panel=_PLATFORMS),
]
HandlerCpuMs = Annotated[
    int | None,
    typer.Option(
        min=0, help="How long a handler computes for a connect or a message, in ms.", rich_help_panel=_PLATFORMS
    ),
]
Disputed = Annotated[
    bool | None,
    typer.Option(
        "--disputed/--no-disputed",
        help="Count what sources disagree on (an idle minute of Alibaba FC, pings of AppSync), or not. "
        "[default: in the most of a month alone]",
        rich_help_panel=_PLATFORMS,
    ),
]
ConnectionsPerRoom = Annotated[
    int | None,
    typer.Option(
        min=1, help="Connections that share a room, where a platform pins them to one.", rich_help_panel=_PLATFORMS
    ),
]

Replications = Annotated[
    int | None,
    typer.Option(
        help="Months drawn anew, to say how sure the month is; 0 for none. [default: 200]",
        min=0,
        rich_help_panel="Uncertainty",
    ),
]

Days = Annotated[
    float | None, typer.Option(help="Days that are generated of a scenario. [default: 7]", rich_help_panel=_SCENARIO)
]
Cold = Annotated[
    bool, typer.Option("--cold", help="A scenario starts empty, not in its steady state.", rich_help_panel=_SCENARIO)
]
Scale = Annotated[
    float | None,
    typer.Option(help="So many times the traffic, of a scenario or a trace. [default: 1]", rich_help_panel=_SCENARIO),
]
Users = Annotated[
    float | None,
    typer.Option(help="So many users, where the scenario counts users.", rich_help_panel=_SCENARIO),
]

Window = Annotated[
    str | None,
    typer.Option(
        help="START/END as ISO 8601 or epoch ms, START/24h, or 24h from the first connect on. Connections that began "
        "before it are carried in.",
        rich_help_panel=_READING,
        show_default=False,
    ),
]  # fmt: skip
SourceFormat = Annotated[
    str | None,
    typer.Option(
        "--from",
        help="Log format of the files, or a TOML mapping. [default: recognised]",
        autocompletion=completion.formats,
        rich_help_panel=_READING,
    ),
]
LogFormat = Annotated[
    str | None,
    typer.Option(help="The server's own format string, such as nginx's log_format.", rich_help_panel=_READING),
]
Column = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="NAME=COLUMN",
        help="What a table calls a column of a trace, such as connect_time=started or duration_ms=took; date+time "
        "joins two. May be given several times.",
        autocompletion=completion.columns,
        rich_help_panel=_READING,
    ),
]
Tz = Annotated[
    str | None,
    typer.Option(
        help="Zone of log times that name none, such as Asia/Shanghai. [default: UTC]", rich_help_panel=_READING
    ),
]
SourceIdleTimeout = Annotated[
    float | None,
    times.option(help="Idle timeout of the server that the trace comes from.", rich_help_panel=_READING),
]
SourceMaxLife = Annotated[
    float | None,
    times.option(help="Longest life on the server that the trace comes from.", rich_help_panel=_READING),
]
Stitch = Annotated[
    str | None,
    typer.Option(
        help="Join reconnections of one client: 'client' (its address) or a field or column.", rich_help_panel=_READING
    ),
]
Within = Annotated[
    float | None, times.option(help="How long a client that is stitched may be away.", rich_help_panel=_READING)
]
TimeUnitOption = Annotated[
    TimeUnit | None,
    typer.Option("--time-unit", help="Unit of the timestamps. [default: inferred]", rich_help_panel=_READING),
]
OnErrorOption = Annotated[
    OnError,
    typer.Option("--on-error", help="Refuse a trace with bad rows, or leave them out.", rich_help_panel=_READING),
]
Rejects = Annotated[
    Path | None,
    typer.Option(help="File for bad rows that are left out. [default: rejects.csv]", rich_help_panel=_READING),
]
MemoryLimit = Annotated[
    str | None,
    typer.Option(
        help="Memory to stay within, such as 2GB, at least 450MB: larger trace files are estimated and swept in parts, "
        "what has to be read as a whole is refused. [default: a quarter of the machine's for parts, else none]",
        rich_help_panel=_READING,
    ),
]
EngineOption = Annotated[
    Engine, typer.Option("--engine", help="This machine, or a Dask cluster.", rich_help_panel=_SCALE)
]
Scheduler = Annotated[
    str | None,
    typer.Option(help="Address of the cluster's scheduler, such as tcp://10.0.0.5:8786.", rich_help_panel=_SCALE),
]
Workers = Annotated[
    int | None,
    typer.Option(
        help="Workers of a cluster started on this machine. [default: one a core]", min=1, rich_help_panel=_SCALE
    ),
]
Checkpoint = Annotated[
    Path | None,
    typer.Option(
        help="Folder for rows and sums of the parts: a run that broke off goes on there. On a cluster, all share it.",
        rich_help_panel=_SCALE,
    ),
]  # fmt: skip

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="Configuration file. [default: ./scfcost.toml, if there]", rich_help_panel=_READING),
]
FromFunction = Annotated[
    str | None,
    typer.Option(
        metavar="FILE[#NAME]",
        help="Settings as they are deployed: output of `tccli scf GetFunction`, serverless.yml, a Terraform plan as "
        "JSON, or cloudbaserc.json; of several functions one.",
        rich_help_panel=_FUNCTION,
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="File to write; its suffix chooses the format.", rich_help_panel=_OUTPUT),
]
FormatOption = Annotated[
    Format | None, typer.Option("--format", help="Form of the result. [default: table]", rich_help_panel=_OUTPUT)
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress and no warnings on stderr.", rich_help_panel=_OUTPUT)
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="Say all, and on stderr how long each step took.", rich_help_panel=_OUTPUT),
]

Timeline = Annotated[
    Path | None,
    typer.Option(
        help="File for connections, instances, memory and refusals over time: .csv or .parquet.",
        rich_help_panel=_OUTPUT,
    ),
]

FUNCTION: dict[str, Any] = {
    "memory": Memory,
    "idle_timeout": IdleTimeout,
    "exec_timeout": ExecTimeout,
    "init_timeout": InitTimeout,
    "max_concurrency": MaxConcurrency,
    "keep_alive": KeepAlive,
    "placement": PlacementOption,
    "provisioned": Provisioned,
    "init_ms": InitMs,
    "bill_init": BillInit,
    "recycle_on_error": RecycleOnError,
    "memory_base": MemoryBase,
    "memory_per_connection": MemoryPerConnection,
    "function_type": FunctionTypeOption,
    "ping_resets_idle": PingResetsIdle,
    "empty_close_is_normal": EmptyCloseIsNormal,
}
CLIENTS: dict[str, Any] = {
    "reconnect": ReconnectOption,
    "reconnect_delay": ReconnectDelay,
    "max_retries": MaxRetries,
    "buffer_pushes": BufferPushes,
    "heartbeat": Heartbeat,
    "heartbeat_up_bytes": HeartbeatUpBytes,
    "heartbeat_down_bytes": HeartbeatDownBytes,
    "drop_heartbeats": DropHeartbeats,
    "client_idle": ClientIdle,
}
PRICES: dict[str, Any] = {
    "region": Region,
    "plan": Plan,
    "catalog": Catalog,
    "pricing_date": PricingDate,
    "traffic_rule": TrafficRuleOption,
    "traffic_price": TrafficPrice,
}
GUESSES: dict[str, Any] = {
    "handler_ms": HandlerMs,
    "handler_cpu_ms": HandlerCpuMs,
    "connections_per_room": ConnectionsPerRoom,
    "disputed": Disputed,
}
LIMITS: dict[str, Any] = {
    "on_quota": OnQuotaOption,
    "quota_mb": QuotaMb,
    "burst_per_minute": BurstPerMinute,
    "seed": Seed,
}
GENERATION: dict[str, Any] = {"days": Days, "cold": Cold, "scale": Scale, "users": Users, "seed": Seed}
READING: dict[str, Any] = {
    **GENERATION,
    "source_format": SourceFormat,
    "log_format": LogFormat,
    "column": Column,
    "tz": Tz,
    "source_idle_timeout": SourceIdleTimeout,
    "source_max_life": SourceMaxLife,
    "stitch": Stitch,
    "within": Within,
    "window": Window,
    "time_unit": TimeUnitOption,
    "on_error": OnErrorOption,
    "rejects": Rejects,
    "memory_limit": MemoryLimit,
    "config": ConfigFile,
    "from_function": FromFunction,
}
SCALE: dict[str, Any] = {
    "engine": EngineOption,
    "scheduler": Scheduler,
    "workers": Workers,
    "checkpoint": Checkpoint,
}
SAID: dict[str, Any] = {"quiet": Quiet, "verbose": Verbose}
OUTPUT: dict[str, Any] = {"output": Output, "format": FormatOption, **SAID}
_DEFAULTS: dict[str, Any] = {"on_error": OnError.STRICT, "engine": Engine.LOCAL, "quiet": False, "verbose": False}


def takes(
    *groups: dict[str, Any], files: Any = Paths, required: bool = True
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the traces and the flags of some groups, beside parameters of its own.

    The command is called with `paths`, with `flags` (the values of the shared flags and its own, by name), and with its
    own parameters. A parameter of its own takes the place of a shared flag of the same name; `files` says what its
    paths are, where they are not traces; they may be left out, and are None then, where they are not required.

    Parameters
    ----------
    files : object, optional
        What its paths are, as typer takes it.
    required : bool, optional
        Whether there has to be one.
    """
    shared = {name: annotation for group in groups for name, annotation in group.items()}

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = {
            name: parameter
            for name, parameter in inspect.signature(command, eval_str=True).parameters.items()
            if name not in ("paths", "flags")
        }
        default = inspect.Parameter.empty if required else None
        parameters = [inspect.Parameter("paths", inspect.Parameter.KEYWORD_ONLY, annotation=files, default=default)]
        parameters += [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=_DEFAULTS.get(name))
            for name, annotation in shared.items()
            if name not in own
        ]
        parameters += [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own.values()]

        @wraps(command)
        def run(*, paths: list[str], **flags: Any) -> None:
            command(paths, flags, **{name: flags[name] for name in own})

        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate
