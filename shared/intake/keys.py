"""The keys with which senders sign, made of the secrets that the settings hold."""

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
    """By name of the source, the keys of which one must have signed what it sends."""


class Senders(NamedTuple):
    """From which sources something is taken, and all that is wrong with the settings that say so."""

    keys: WebhookKeys
    open: frozenset[str]
    closed: Mapping[str, tuple[SettingFault, ...]]
    """The sources from which nothing is taken until these faults are corrected."""
    faults: list[SettingFault]


def read_senders(
    secrets: Mapping[str, str], listed: frozenset[str] | None, faults_of_list: Iterable[SettingFault] = ()
) -> Senders:
    """What the settings say of the sources. No fault shows a secret.

    `secrets` are the texts of the settings by name, each a list that is separated by commas. `listed` is what SOURCES
    lists: these are open. Where it is not set, all are, until a secret is set for one: from then on only those with a
    secret are. A body that is refused unsigned under one name would else be taken under another.

    A fault closes what the setting would have guarded if it were right: a wrong secret its own source; one of no known
    source, any that could sign and has no secret; a wrong list, all that it does not name.
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
    """The keys of a source, and what is wrong with its secrets, each the rest of a sentence."""
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
    """The key of one secret. Raises ValueError, with the rest of a sentence."""
    if not secret:
        raise ValueError("is empty")
    if secret.lower().startswith("@microsoft.keyvault("):
        # App Service hands out the text of a reference that it can't resolve; anybody could sign with that.
        raise ValueError("is a Key Vault reference which was not resolved")
    key = scheme.key(secret)
    if len(key) < scheme.least_key:
        raise ValueError(f"makes a key of {len(key)} bytes; {scheme.least_key} are the least")
    return key
