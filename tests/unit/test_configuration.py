"""The keys that are made of the settings' secrets, and one list of faults for all."""

from __future__ import annotations

import pytest

from shared.configuration import Configuration
from shared.configuration import configuration as of_process
from shared.errors import InvalidSettings


def configuration(**environment: str) -> Configuration:
    return Configuration.read(environment)


def faults(**environment: str) -> tuple[str, ...]:
    with pytest.raises(InvalidSettings) as caught:
        configuration(**environment)
    return caught.value.faults


def test_webhook_secrets_are_read_by_source() -> None:
    read = configuration(
        WEBHOOK_SECRET_PAGERDUTY=" new secret , old ",
        WEBHOOK_SECRET_STANDARD_WEBHOOKS="whsec_c2VjcmV0",
        WEBHOOK_SECRET_JIRA="",
    )
    assert read.webhook_keys == {"pagerduty": (b"new secret", b"old"), "standard-webhooks": (b"secret",)}
    assert "secret" not in repr(read)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("WEBHOOK_SECRET_PAGERDUTTY", "hidden", "is for no known source"),
        ("WEBHOOK_SECRET_AZURE_MONITOR", "hidden", "would never be checked"),
        ("WEBHOOK_SECRET_SERVICENOW", "hidden", "would never be checked"),
        ("WEBHOOK_SECRET_STANDARD_WEBHOOKS", "whsec_hidden!", "is not whsec_ followed by base64"),
        ("WEBHOOK_SECRET_ZENDESK", "hidden,,", "is empty"),
        ("WEBHOOK_SECRET_ZENDESK", "hidden,", "is empty"),
        ("WEBHOOK_SECRET_JIRA", "@Microsoft.KeyVault(VaultName=hidden;SecretName=jira)", "was not resolved"),
    ],
)
def test_a_secret_that_would_not_protect_is_a_fault_and_not_shown(name: str, value: str, complaint: str) -> None:
    found = faults(**{name: value})
    assert all(name in fault and complaint in fault for fault in found)
    assert "hidden" not in str(found)


def test_faults_of_settings_and_of_secrets_are_named_together() -> None:
    found = faults(GRAPH_VERSION="v2", WEBHOOK_SECRET_ZENDESK=",")
    assert [fault.partition(" ")[0] for fault in found] == ["GRAPH_VERSION", *["WEBHOOK_SECRET_ZENDESK"] * 2]


def test_the_start_says_which_sources_are_open_where_a_secret_is_set(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET_ZENDESK", "a secret of the tests")
    of_process.cache_clear()
    try:
        assert of_process().open_sources == frozenset({"zendesk"})
    finally:
        of_process.cache_clear()
    assert "sources_closed_without_secret open=zendesk" in caplog.text
