"""The settings that begin with NOTIFY_: which targets are set up, and what each of them needs."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from shared.notices import addresses
from shared.notices.target import Target
from shared.outcome import Outcome
from shared.setting_kinds import flag, value_of
from shared.settings import NOTIFY_PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

QUIET_OUTCOMES = frozenset({Outcome.SKIPPED, Outcome.EXPANDED})
"""Outcomes without a notice, unless NOTIFY_OUTCOMES lists them."""

MAX_SECRETS = 2
"""The most secrets at once: the old and the new one, during a rotation."""


def secret(value: str) -> str:
    """A secret that a header can contain. Raises ValueError for a Key Vault reference that was not resolved."""
    if not re.fullmatch(r"[!-~](?:[ -~]*[!-~])?", value):
        raise ValueError("holds characters that no credential has")
    if value.lower().startswith("@microsoft.keyvault("):
        raise ValueError("is a Key Vault reference which was not resolved")
    return value


def basic_credential(value: str) -> str:
    """A user name and a password or token, separated by the first colon."""
    user, colon, password = secret(value).partition(":")
    if not (user and colon and password):
        raise ValueError("must be a user name and a token, separated by a colon")
    return value


def signing_keys(value: str) -> tuple[bytes, ...]:
    """The keys of one or two secrets of Standard Webhooks (whsec_ and base64), separated by a comma."""
    secrets = [item.strip() for item in secret(value).split(",")]
    if len(secrets) > MAX_SECRETS:
        raise ValueError(f"lists {len(secrets)} secrets; {MAX_SECRETS} are allowed")
    return tuple(_signing_key(item) for item in secrets)


def slack_channel(value: str) -> str:
    """The id of a channel in Slack. Names are refused, because they may change and not all methods accept them."""
    if not re.fullmatch(r"[CG][A-Z0-9]{5,20}", value):
        raise ValueError(f"is {value!r}, but must be the id of a channel, such as C0123456789")
    return value


def mail_address(value: str) -> str:
    """A mail address in a form that a header can contain."""
    if not re.fullmatch(r"[^\s@,;<>]+@[^\s@,;<>]+", value) or not value.isascii():
        raise ValueError(f"is {value!r}, which is not a mail address")
    return value


def outcomes(value: str) -> frozenset[Outcome]:
    """A list of outcomes, separated by commas."""
    names = {item.strip().lower() for item in value.split(",") if item.strip()}
    known = {outcome.value: outcome for outcome in Outcome}
    faults = [f"lists {name!r}, but knows only {', '.join(known)}" for name in sorted(names - known.keys())]
    if faults or not names:
        raise ValueError(*(faults or [f"is {value!r}, which lists nothing"]))
    return frozenset(known[name] for name in names)


def _setting[T](name: str, parse: Callable[[str], T], default: Any = None) -> Any:
    """A field that is read from the setting of that name."""
    return field(default=default, metadata={"name": name, "parse": parse}, repr=False)


@dataclass(frozen=True)
class NoticeSettings:
    """Which targets get which events. A target without an address is off. repr shows no values: most are secret."""

    outcomes: frozenset[Outcome] | None = _setting("NOTIFY_OUTCOMES", outcomes)
    """None: all but QUIET_OUTCOMES."""
    teams: str | None = _setting("NOTIFY_TEAMS", addresses.teams_webhook)
    slack: str | None = _setting("NOTIFY_SLACK", addresses.webhook_on("hooks.slack.com", "hooks.slack-gov.com"))
    slack_token: str | None = _setting("NOTIFY_SLACK_TOKEN", secret)
    slack_channel: str | None = _setting("NOTIFY_SLACK_CHANNEL", slack_channel)
    """The id of a channel. With it and a token, the events of a request become one thread."""
    slack_api: str = _setting("NOTIFY_SLACK_API", addresses.slack_api, "https://slack.com/api")
    webhook: str | None = _setting("NOTIFY_WEBHOOK", addresses.any_webhook)
    webhook_keys: tuple[bytes, ...] | None = _setting("NOTIFY_WEBHOOK_SECRET", signing_keys)
    webhook_handshake: bool | None = _setting("NOTIFY_WEBHOOK_HANDSHAKE", flag)
    jira: str | None = _setting("NOTIFY_JIRA", addresses.jira_root)
    jira_credential: str | None = _setting("NOTIFY_JIRA_CREDENTIAL", basic_credential)
    servicenow: str | None = _setting(
        "NOTIFY_SERVICENOW", addresses.root_on(".service-now.com", ".servicenowservices.com")
    )
    servicenow_credential: str | None = _setting("NOTIFY_SERVICENOW_CREDENTIAL", secret)
    """An API key, or a user name and a password."""
    zendesk: str | None = _setting("NOTIFY_ZENDESK", addresses.root_on(".zendesk.com"))
    zendesk_credential: str | None = _setting("NOTIFY_ZENDESK_CREDENTIAL", basic_credential)
    freshservice: str | None = _setting("NOTIFY_FRESHSERVICE", addresses.root_on(".freshservice.com"))
    freshservice_credential: str | None = _setting("NOTIFY_FRESHSERVICE_CREDENTIAL", secret)
    pagerduty: str | None = _setting("NOTIFY_PAGERDUTY", addresses.root_on("api.pagerduty.com", "api.eu.pagerduty.com"))
    pagerduty_credential: str | None = _setting("NOTIFY_PAGERDUTY_CREDENTIAL", secret)
    pagerduty_from: str | None = _setting("NOTIFY_PAGERDUTY_FROM", mail_address)
    """The mail address of the PagerDuty user who is the author of notes."""

    @property
    def wanted(self) -> frozenset[str]:
        """The outcomes that have notices."""
        return frozenset(self.outcomes or frozenset(Outcome) - QUIET_OUTCOMES)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets that are set up."""
        return tuple(target for target in Target if self._is_on(target))

    @property
    def is_threaded(self) -> bool:
        """Whether to use Slack's Web API with a token, not an incoming webhook."""
        return self.slack_token is not None and self.slack_channel is not None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> tuple[NoticeSettings, list[str]]:
        """The settings in these variables, which all begin with NOTIFY_, and all faults in them."""
        known = {each.metadata["name"]: each for each in fields(cls)}
        values: dict[str, Any] = {}
        faults = [
            f"{name} is not a setting; there are {', '.join(known)}"
            for name in sorted(environment.keys() - known.keys())
        ]
        for name in known.keys() & environment.keys():
            try:
                values[known[name].name] = value_of(environment[name], known[name].metadata["parse"])
            except ValueError as error:
                faults += (f"{name} {fault}" for fault in error.args)
        if "NOTIFY_WEBHOOK_SECRET" in environment and "webhook_keys" not in values:
            values.pop("webhook", None)  # Otherwise, its events would be sent without a signature.
        settings = cls(**values)
        return settings, sorted([*faults, *_halves(set(environment))])

    def _is_on(self, target: Target) -> bool:
        """Whether the target has everything that it needs. A setting with a fault has no value."""
        if target is Target.SLACK and self.is_threaded:
            return True
        needed = [name.removeprefix(NOTIFY_PREFIX).lower() for name in _TOGETHER.get(f"NOTIFY_{target.upper()}", ())]
        return all(getattr(self, name) is not None for name in (target.value, *needed))


_TOGETHER = {
    "NOTIFY_JIRA": ("NOTIFY_JIRA_CREDENTIAL",),
    "NOTIFY_SERVICENOW": ("NOTIFY_SERVICENOW_CREDENTIAL",),
    "NOTIFY_ZENDESK": ("NOTIFY_ZENDESK_CREDENTIAL",),
    "NOTIFY_FRESHSERVICE": ("NOTIFY_FRESHSERVICE_CREDENTIAL",),
    "NOTIFY_PAGERDUTY": ("NOTIFY_PAGERDUTY_CREDENTIAL", "NOTIFY_PAGERDUTY_FROM"),
    "NOTIFY_SLACK_TOKEN": ("NOTIFY_SLACK_CHANNEL",),
}
"""Settings that only work together."""
_ONLY_WITH = {
    "NOTIFY_WEBHOOK_SECRET": "NOTIFY_WEBHOOK",
    "NOTIFY_WEBHOOK_HANDSHAKE": "NOTIFY_WEBHOOK",
    "NOTIFY_SLACK_API": "NOTIFY_SLACK_TOKEN",
}
"""Settings that only have a meaning together with another one."""


def _halves(given: set[str]) -> Iterator[str]:
    """The faults of settings without another one that they need."""
    for name, others in _TOGETHER.items():
        group = [name, *others]
        if given.intersection(group):
            yield from (f"{other} is missing: {name} needs it" for other in others if other not in given)
            if name not in given:
                yield f"{name} is missing: set it with {', '.join(other for other in others if other in given)}"
    yield from (
        f"{name} says how {other} is used, which is missing"
        for name, other in _ONLY_WITH.items()
        if name in given and other not in given
    )


def _signing_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("lists a secret that is not whsec_ followed by base64") from error
    if not 24 <= len(key) <= 64:  # noqa: PLR2004 - Standard Webhooks, "Signature scheme"
        raise ValueError("lists a secret that does not have 24 to 64 bytes")
    return key
