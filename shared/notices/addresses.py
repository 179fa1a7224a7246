"""The kinds of settings for addresses of targets: https, and, if the vendor has its own hosts, only those.

As in `shared.setting_kinds`, each raises ValueError with the rest of a sentence. The message never has the address,
because its path or query may be secret.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PRINTABLE = re.compile(r"[!-~]+")
_PLAIN_PORT = (None, 443)

_TEAMS_HOSTS = (
    ".environment.api.powerplatform.com",
    ".powerplatform.microsoft.us",
    ".powerplatform.partner.microsoftonline.cn",
    ".logic.azure.com",
    ".logic.azure.us",
    ".logic.azure.cn",
)
_CONNECTOR_HOSTS = (".webhook.office.com", "outlook.office.com", "outlook.office365.com")
_JIRA_HOSTS = (".atlassian.net", "api.atlassian.com")


def any_webhook(value: str) -> str:
    """The address of a webhook, on any host."""
    _split(value)
    return value


def webhook_on(*hosts: str) -> Callable[[str], str]:
    """The address of a webhook on one of these hosts. A name that begins with a dot means all hosts below it."""

    def parse(value: str) -> str:
        _check_host(_split(value), hosts)
        return value

    return parse


def teams_webhook(value: str) -> str:
    """The address of a workflow that posts into Teams."""
    url = _split(value)
    if _is_on(url.hostname or "", _CONNECTOR_HOSTS):
        raise ValueError(
            "is an address of an Office 365 connector, which Microsoft retires. Make a workflow of the template "
            '"Send webhook alerts to a channel" in Teams, and set its address'
        )
    _check_host(url, _TEAMS_HOSTS)
    return value


def root_on(*hosts: str) -> Callable[[str], str]:
    """The root of a vendor's API on one of these hosts, without a slash at the end."""

    def parse(value: str) -> str:
        value = value.rstrip("/")
        url = _split(value)
        _check_host(url, hosts)
        if url.path or url.query:
            raise ValueError(f"must be a root such as https://{hosts[0].replace('.', 'contoso.', 1)}, without a path")
        return value

    return parse


def slack_api(value: str) -> str:
    """The root of Slack's Web API, or of GovSlack's."""
    value = value.rstrip("/")
    url = _split(value)
    _check_host(url, ("slack.com", "slack-gov.com"))
    if url.query or url.path != "/api":
        raise ValueError("must be https://slack.com/api, or that of GovSlack")
    return value


def jira_root(value: str) -> str:
    """The root of a Jira Cloud site, or of its API on api.atlassian.com, which tokens with scopes need."""
    value = value.rstrip("/")
    url = _split(value)
    _check_host(url, _JIRA_HOSTS)
    path = r"/ex/jira/[0-9a-f-]{36}" if url.hostname == "api.atlassian.com" else ""
    if url.query or not re.fullmatch(path, url.path):
        raise ValueError("must be https://contoso.atlassian.net, or https://api.atlassian.com/ex/jira/<cloud id>")
    return value


def _split(value: str) -> SplitResult:
    """The parts of an address. Raises ValueError for any that different parsers might read differently."""
    try:
        url = urlsplit(value)
        _ = url.port  # Raises ValueError if the port is not a number.
    except ValueError as error:
        raise ValueError("is not an address") from error
    if not _PRINTABLE.fullmatch(value) or "\\" in value or not url.hostname:
        raise ValueError("is not an address")
    if "@" in url.netloc or "#" in value:
        raise ValueError("must hold neither a user name nor a fragment")
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in _LOOPBACK):
        raise ValueError("must be https")
    return url


def _check_host(url: SplitResult, hosts: tuple[str, ...]) -> None:
    host = url.hostname or ""
    if host in _LOOPBACK:  # A stand-in for the vendor, in tests and the local system.
        return
    if not _is_on(host, hosts) or url.port not in _PLAIN_PORT:
        names = ", ".join(f"*{name}" if name.startswith(".") else name for name in hosts)
        raise ValueError(f"must be an address on {names}")


def _is_on(host: str, hosts: tuple[str, ...]) -> bool:
    return any(host.endswith(name) if name.startswith(".") else host == name for name in hosts)
