"""The keys with which senders sign, made of the secrets that the settings hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.intake.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.intake.signatures import Scheme

    type WebhookKeys = Mapping[str, tuple[bytes, ...]]
    """By name of the source, the keys of which one must have signed what it sends."""


def webhook_keys(secrets: Mapping[str, str]) -> tuple[WebhookKeys, list[str]]:
    """The keys of the sources that have secrets, and all that is wrong with the secrets; no fault shows one.

    `secrets` are the texts of the settings by name, each a list that is separated by commas. A secret that nothing
    would check is a fault.
    """
    sources = {source.secret_setting: source for source in SOURCES.values()}
    keys: dict[str, tuple[bytes, ...]] = {}
    faults: list[str] = []
    for name, text in sorted(secrets.items()):
        source = sources.get(name)
        if source is None:
            faults.append(f"{name} is for no known source; they are {', '.join(SOURCES)}")
        elif source.signature is None:
            faults.append(f"{name} would never be checked: requests from {source.name} are not signed")
        else:
            keys[source.name], wrong = _keys(text, source.signature)
            faults += (f"{name} lists a secret that {fault}" for fault in wrong)
    return keys, faults


def open_sources(listed: frozenset[str] | None, keys: WebhookKeys) -> tuple[frozenset[str], list[str]]:
    """The sources that are open, and all that is wrong with what the setting SOURCES lists.

    Where it lists nothing, all are open, until a secret is set for one: from then on only those with a secret are.
    A body that is refused unsigned under one name would else be taken under another.
    """
    if listed is None:
        return frozenset(keys) or frozenset(SOURCES), []
    unknown = sorted(listed - SOURCES.keys())
    faults = [f"SOURCES lists {name[:40]!r}, which is no source; they are {', '.join(SOURCES)}" for name in unknown]
    return listed & SOURCES.keys(), faults


def _keys(text: str, scheme: Scheme) -> tuple[tuple[bytes, ...], list[str]]:
    keys: list[bytes] = []
    faults: list[str] = []
    for secret in map(str.strip, text.split(",")):
        try:
            keys.append(_key(secret, scheme))
        except ValueError as error:
            faults.append(str(error))
    return tuple(keys), faults


def _key(secret: str, scheme: Scheme) -> bytes:
    """The key of one secret. Raises ValueError, with the rest of a sentence."""
    if not secret:
        raise ValueError("is empty")
    if secret.lower().startswith("@microsoft.keyvault("):
        # App Service hands out the text of a reference that it can't resolve; anybody could sign with that.
        raise ValueError("is a Key Vault reference which was not resolved")
    return scheme.key(secret)
