"""What the platform adds to the head of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scfcost.emulate.host import FunctionHost


def scf_fields(host: FunctionHost, identity: str) -> dict[str, str]:
    """Return the fields that the platform documents (583/56124); X-Scf-Timeout is in ms.

    Parameters
    ----------
    host : FunctionHost
        The function.
    identity : str
        Id of the request.
    """
    config = host.model.rules.function
    return {
        "X-Scf-Request-Id": identity, "X-Scf-Memory": str(config.memory_mb),
        "X-Scf-Timeout": str(config.exec_timeout_ms), "X-Scf-Version": "$LATEST", "X-Scf-Name": host.name,
        "X-Scf-Namespace": "default", "X-Scf-Region": host.manners.region,
    }  # fmt: skip
