"""The keys that are made from secrets in settings, and the list of faults that all functions share."""

from __future__ import annotations

import pytest
from azure.identity import DefaultAzureCredential

from shared.configuration import Configuration, Use
from shared.configuration import configuration as of_process
from shared.setting_kinds import TOKEN_CREDENTIALS


def configuration(**environment: str) -> Configuration:
    return Configuration.read(environment)


def faults(**environment: str) -> tuple[str, ...]:
    found = configuration(**environment).faults
    assert found
    return tuple(map(str, found))


def test_webhook_secrets_are_read_by_source() -> None:
    read = configuration(
        WEBHOOK_SECRET_PAGERDUTY=" new secret , old ",
        WEBHOOK_SECRET_STANDARD_WEBHOOKS="whsec_c2VjcmV0LW9mLXRoZS10ZXN0cy0tLS0t",
    )
    assert read.webhook_keys == {
        "pagerduty": (b"new secret", b"old"),
        "standard-webhooks": (b"secret-of-the-tests-----",),
    }
    assert read.faults == ()
    assert "secret" not in repr(read)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("WEBHOOK_SECRET_PAGERDUTTY", "hidden", "is for no known source"),
        ("WEBHOOK_SECRET_AZURE_MONITOR", "hidden", "would never be checked"),
        ("WEBHOOK_SECRET_SERVICENOW", "hidden", "would never be checked"),
        ("WEBHOOK_SECRET_STANDARD_WEBHOOKS", "whsec_hidden!", "is not whsec_ followed by base64"),
        ("WEBHOOK_SECRET_ZENDESK", "hidden,,", "is empty"),
        ("WEBHOOK_SECRET_ZENDESK", " ", "is blank"),
        ("WEBHOOK_SECRET_ZENDESK", "", "is blank"),
        ("WEBHOOK_SECRET_STANDARD_WEBHOOKS", "whsec_", "makes a key of 0 bytes"),
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


@pytest.mark.parametrize("name", TOKEN_CREDENTIALS)
def test_credentials_that_azure_identity_accepts_are_valid(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert configuration(AZURE_TOKEN_CREDENTIALS=name).faults == ()
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", name)
    DefaultAzureCredential()


@pytest.mark.parametrize("name", ["ManagedIdentity", "production", "managed_identity", " "])
def test_a_credential_that_azure_identity_does_not_know_holds_starts(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = configuration(AZURE_TOKEN_CREDENTIALS=name)
    assert [fault.settings for fault in read.faults_of(Use.STARTS)] == [("AZURE_TOKEN_CREDENTIALS",)]
    assert read.faults_of(Use.FOLLOWING)
    assert not read.faults_of(Use.INTAKE)
    if name.strip():
        monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", name)
        with pytest.raises(ValueError, match="AZURE_TOKEN_CREDENTIALS"):
            DefaultAzureCredential()


@pytest.mark.parametrize(
    "surroundings",
    [
        {"CONTOSO": "UseDevelopmentStorage=true"},
        {"AzureWebJobsCONTOSO": "UseDevelopmentStorage=true"},
        {"CONTOSO__accountName": "contoso"},
        {"contoso__queueServiceUri": "https://contoso.queue.core.windows.net"},
        {"AzureWebJobsCONTOSO__accountName": "contoso"},
    ],
)
def test_a_connection_is_a_setting_or_several(surroundings: dict[str, str]) -> None:
    read = configuration(QUEUE_CONNECTION="CONTOSO", **surroundings)
    assert (read.faults, read.settings.queue_connection) == ((), "CONTOSO")


@pytest.mark.parametrize("surroundings", [{}, {"CONTOSO": ""}, {"CONTOSO_2": "x"}, {"CONTOSO__accountName": ""}])
def test_an_invalid_connection_closes_the_intake(surroundings: dict[str, str]) -> None:
    read = configuration(QUEUE_CONNECTION="CONTOSO", **surroundings)
    (fault,) = read.faults_of(Use.INTAKE)
    assert "CONTOSO__" in str(fault)
    # The host would not index a function whose connection it cannot find.
    assert read.settings.queue_connection == "AzureWebJobsStorage"


def test_the_faults_are_written_once_at_the_start_and_logged_later(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("GRAPH_VERSION", "v2")
    monkeypatch.setenv("NOTIFY_WEBHOOK_SECRET", "")
    of_process.cache_clear()
    try:
        for _ in range(2):
            of_process()
        assert capsys.readouterr().err.splitlines() == [
            "Invalid application settings:",
            "GRAPH_VERSION is 'v2', but must be one of v1.0, beta",
            "NOTIFY_WEBHOOK_SECRET is blank; give it a value, or delete it",
            "NOTIFY_WEBHOOK_SECRET says how NOTIFY_WEBHOOK is used, which is missing",
        ]
        assert caplog.text == ""
        of_process().log_faults()
    finally:
        of_process.cache_clear()
    assert caplog.text.count("setting_wrong setting=") == 3


def test_the_client_id_of_an_identity_is_a_guid() -> None:
    assert faults(AZURE_CLIENT_ID="contoso-identity")[0].startswith("AZURE_CLIENT_ID is ")
    assert configuration(AZURE_CLIENT_ID="C3A1B1DE-7d2f-4f0f-8a77-1f9a6a0f2b22").faults == ()
