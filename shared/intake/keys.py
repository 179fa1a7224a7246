"""The keys with which senders sign, made from the secrets in the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shared.errors import SettingFault
from shared.intake.sources import SOURCES
from shared.setting_kinds import BLANK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shared.intake.signatures import Scheme
    from shared.intake.sources.source import Source

    type WebhookKeys = Mapping[str, tuple[bytes, ...]]
    """The keys of each source, by its name. One of them must have signed what it sends."""


class Senders(NamedTuple):
    """Which sources are open, with their keys, and all faults in the settings for them."""

    keys: WebhookKeys
    open: frozenset[str]
    closed: Mapping[str, tuple[SettingFault, ...]]
    """The sources that accept nothing until these faults are corrected."""
    faults: list[SettingFault]


def read_senders(
    secrets: Mapping[str, str], listed: frozenset[str] | None, faults_of_list: Iterable[SettingFault] = ()
) -> Senders:
    """Read which sources are open, and their keys. No fault shows a secret.

    `secrets` has the values of settings by name; each value is a list of secrets separated by commas. `listed` is the
    list in SOURCES: only these sources are open. If SOURCES is not set, all are open until a secret is set for one.
    Then only those with a secret are open: otherwise an unsigned body could come in under another source's name.

    A fault closes what its setting would guard. A wrong secret closes its own source. A secret of an unknown source
    closes each source that could sign and has no secret. A wrong list closes all sources that it does not name.
    """
    sources = {source.secret_setting: source for source in SOURCES.values()}
    keys: dict[str, tuple[bytes, ...]] = {}
    closed: dict[str, list[SettingFault]] = {}
    faults: list[SettingFault] = []
    unknown: list[SettingFault] = []
    for name, text in sorted(secrets.items()):
        source = sources.get(name)
        if source is None:
            unknown.append(SettingFault((name,), f"{name} is for no known source; they are {', '.join(SOURCES)}"))
            continue
        keys_of_source, wrong = _keys(text, source)
        keys[source.name] = keys_of_source
        if found := [SettingFault((name,), f"{name} {fault}") for fault in wrong]:
            closed[source.name] = found
            faults += found
    named = frozenset(keys)
    if unknown:
        may_be_meant = [source.name for source in SOURCES.values() if source.signature and source.name not in named]
        for each in may_be_meant:
            closed[each] = unknown
        named |= frozenset(may_be_meant)
        faults += unknown
    misspelt = [
        SettingFault(("SOURCES",), f"SOURCES lists {name[:40]!r}, which is not a source; they are {', '.join(SOURCES)}")
        for name in sorted((listed or frozenset()) - SOURCES.keys())
    ]
    faults += misspelt
    for each in SOURCES.keys() - (listed or frozenset()):
        if of_list := [*faults_of_list, *misspelt]:
            closed[each] = [*closed.get(each, []), *of_list]
    is_open = (named or frozenset(SOURCES)) if listed is None else listed & SOURCES.keys()
    return Senders(keys, is_open, {name: tuple(found) for name, found in closed.items()}, faults)


def _keys(text: str, source: Source) -> tuple[tuple[bytes, ...], list[str]]:
    """The keys of a source, and the faults in its secrets. Each fault completes a sentence."""
    if not text:
        return (), [BLANK]
    if source.signature is None:
        return (), [f"would never be checked: requests from {source.name} are not signed"]
    keys: list[bytes] = []
    faults: list[str] = []
    for secret in map(str.strip, text.split(",")):
        try:
            keys.append(_key(secret, source.signature))
        except ValueError as error:
            faults.append(f"lists a secret that {error}")
    return tuple(keys), faults


def _key(secret: str, scheme: Scheme) -> bytes:
    """The key of one secret. Raises ValueError, whose text completes a sentence."""
    if not secret:
        raise ValueError("is empty")
    if secret.lower().startswith("@microsoft.keyvault("):
        # App Service passes on the text of a reference that it can't resolve. An attacker could sign with that text.
        raise ValueError("is a Key Vault reference which was not resolved")
    key = scheme.key(secret)
    if len(key) < scheme.least_key:
        raise ValueError(f"makes a key of {len(key)} bytes; {scheme.least_key} are the least")
    return key
