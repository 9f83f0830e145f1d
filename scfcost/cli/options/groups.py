"""The flags that commands share, in groups, each by its name without dashes."""

from typing import Any

from scfcost.cli.options.clients import (
    BufferPushes,
    ClientIdle,
    DropHeartbeats,
    Heartbeat,
    HeartbeatDownBytes,
    HeartbeatUpBytes,
    MaxRetries,
    ReconnectDelay,
    ReconnectOption,
)
from scfcost.cli.options.function import (
    EmptyCloseIsNormal,
    ExecTimeout,
    FromFunction,
    FunctionTypeOption,
    IdleTimeout,
    InitTimeout,
    Memory,
    PingResetsIdle,
)
from scfcost.cli.options.instances import (
    BillInit,
    BurstPerMinute,
    InitMs,
    KeepAlive,
    MaxConcurrency,
    MemoryBase,
    MemoryPerConnection,
    OnQuotaOption,
    PlacementOption,
    Provisioned,
    QuotaMb,
    RecycleOnError,
)
from scfcost.cli.options.large import Checkpoint, EngineOption, Scheduler, Workers
from scfcost.cli.options.output import FormatOption, Output, Quiet, Verbose
from scfcost.cli.options.platforms import ConnectionsPerRoom, Disputed, HandlerCpuMs, HandlerMs
from scfcost.cli.options.prices import Catalog, Plan, PricingDate, Region, TrafficPrice, TrafficRuleOption
from scfcost.cli.options.reading import (
    Column,
    ConfigFile,
    LogFormat,
    MemoryLimit,
    OnErrorOption,
    Rejects,
    SourceFormat,
    SourceIdleTimeout,
    SourceMaxLife,
    Stitch,
    TimeUnitOption,
    Tz,
    Window,
    Within,
)
from scfcost.cli.options.scenario import Cold, Days, Scale, Seed, Users

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
