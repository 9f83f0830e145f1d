"""Who a client is: by what its request names, else by what tells browsers apart."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from scfcost.core.errors import ConfigError
from scfcost.emulate.model.http import Head

KINDS = ("cookie", "header", "query")


def read_client(text: str) -> tuple[str, str]:
    """Read where requests name their client, such as `cookie:session`.

    Raises
    ------
    ConfigError
        If it is none of `cookie:NAME`, `header:NAME` and `query:NAME`.
    """
    kind, _, name = text.partition(":")
    if kind not in KINDS or not name:
        raise ConfigError(f"client: {text!r} is none of cookie:NAME, header:NAME and query:NAME")
    return kind, name


def client_name(head: Head, where: tuple[str, str] | None) -> str:
    """Return what a request names its client, empty where it names none.

    Parameters
    ----------
    head : Head
        Head of the request.
    where : (str, str) or None
        Cookie, header or query, and the name there.
    """
    if where is None:
        return ""
    kind, name = where
    if kind == "header":
        return head.get(name.lower()) or ""
    if kind == "query":
        return (parse_qs(urlsplit(head.target).query).get(name) or [""])[0]
    try:
        cookie = SimpleCookie(head.get("cookie") or "").get(name)
    except CookieError:
        return ""
    return "" if cookie is None else cookie.value


def fingerprint(head: Head, name: str) -> str:
    """Return what tells clients apart as well as can be: their name, else browser, cookies, page and path.

    Parameters
    ----------
    head : Head
        Head of the request.
    name : str
        What the request names its client, empty for nothing.
    """
    told = (head.get("user-agent"), head.get("cookie"), head.get("origin"), head.target.partition("?")[0])
    return name or "|".join(one or "" for one in told)
