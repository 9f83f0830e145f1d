"""Logs of servers, browsers, captures and of the platform itself, as traces. One line registers a format."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from scfcost.core.errors import ConfigError, nearest
from scfcost.trace.formats.base import Format

_REGISTERED = (
    "pcap.FORMAT",
    "har.FORMAT",
    "scf_cls.FORMAT",
    "zeek.FORMAT",
    "apigateway.FORMAT",
    "traefik.FORMAT",
    "caddy.FORMAT",
    "envoy.FORMAT",
    "alb.FORMAT",
    "nlb.FORMAT",
    "haproxy.FORMAT",
    "clb.FORMAT",
    "alibaba.FORMAT",
    "gcp_lb.FORMAT",
    "cloudflare.FORMAT",
    "edgeone.FORMAT",
    "kong.FORMAT",
    "apisix.FORMAT",
    "azure.FORMAT",
    "azure.FRONT_DOOR",
    "w3c.IIS",
    "w3c.CLOUDFRONT",
    "heroku.FORMAT",
    "gin.FORMAT",
    "chi.FORMAT",
    "aspnet.FORMAT",
    "tornado.FORMAT",
    "morgan.FORMAT",
    "app_servers.WERKZEUG",
    "app_servers.EVENTLET",
    "paired.WEBSOCKETS",
    "app_servers.UVICORN",
    "handshakes.FIBER",
    "handshakes.PHOENIX",
    "handshakes.GRANIAN",
    "handshakes.HYPERCORN",
    "handshakes.FLOWS",
    "paired.DAPHNE",
    "paired.ACTION_CABLE",
    "paired.SOCKET_IO",
    "paired.MOSQUITTO",
    "paired.AZURE",
    "paired.SIGNALR",
    "apache.APACHE",
    "apache.TOMCAT",
    "apache.TOMCAT_9",
    "apache.JETTY",
    "nginx.FORMAT",
)
"""What each format is called in its module, in the order in which they are asked; of two with as many lines the first
wins."""


def _registered(place: str) -> Format:
    module, _, name = place.partition(".")
    found: Format = getattr(import_module(f"{__name__}.{module}"), name)
    return found


FORMATS: tuple[Format, ...]
"""All formats. Loaded when they are first asked for: a trace needs none of them."""


@cache
def _all() -> tuple[Format, ...]:
    return tuple(_registered(place) for place in _REGISTERED)


def __getattr__(name: str) -> Any:
    if name == "FORMATS":
        return _all()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def by_name(name: str) -> Format:
    """Return a format by its name, or the one that a TOML file describes.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    from scfcost.trace.formats import mapped

    if name.endswith(mapped.SUFFIX):
        return mapped.load(Path(name))
    for one in _all():
        if one.name == name:
            return one
    raise ConfigError(f"format {name!r} is not known; {nearest(name, [one.name for one in _all()])}")


def whole_file(head: bytes) -> Format | None:
    """Return the format of which this is the head of a file, where it is no matter of single lines."""
    return next((one for one in _all() if one.recognise(head)), None)
