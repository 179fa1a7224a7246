"""The settings that begin with NOTIFY_: what each accepts, and that no fault shows a secret."""

from __future__ import annotations

import pytest

from shared.notices.set_up import NoticeSettings
from shared.notices.target import Target
from tests.unit.notices.setup import ENVIRONMENT

WORKFLOW = (
    "https://default0123456789abcdef.0f.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/"
    "0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0"
    "&sig=hidden"
)


def faults(**environment: str) -> list[str]:
    return NoticeSettings.read(environment)[1]


def test_without_settings_there_are_no_targets() -> None:
    settings, found = NoticeSettings.read({})
    assert (settings.targets, found) == ((), [])


def test_every_target_can_be_set_up_and_none_of_it_is_shown() -> None:
    settings, found = NoticeSettings.read(ENVIRONMENT)
    assert (settings.targets, found) == (tuple(Target), [])
    assert repr(settings) == "NoticeSettings()"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOTIFY_TEAMS", WORKFLOW),
        ("NOTIFY_TEAMS", "https://prod-01.westeurope.logic.azure.us/workflows/x?sig=y"),
        ("NOTIFY_SLACK", "https://hooks.slack.com/services/T0/B0/x"),
        ("NOTIFY_WEBHOOK", "https://contoso.example:8443/events?tenant=1"),
        ("NOTIFY_WEBHOOK", "http://127.0.0.1:1234/events"),
    ],
)
def test_addresses_of_the_vendors_are_taken_as_they_are(name: str, value: str) -> None:
    settings, found = NoticeSettings.read({name: value})
    assert found == []
    assert getattr(settings, name.removeprefix("NOTIFY_").lower()) == value


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("NOTIFY_TEMS", "https://hidden", "is not a setting; there are NOTIFY_OUTCOMES, "),
        (
            "NOTIFY_TEAMS",
            "https://contoso.webhook.office.com/webhookb2/hidden",
            "of an Office 365 connector",
        ),
        ("NOTIFY_TEAMS", "https://outlook.office.com/webhook/hidden", "Make a workflow"),
        (
            "NOTIFY_TEAMS",
            "https://hidden.example/x?sig=hidden",
            "must be an address on *.environment.api.",
        ),
        ("NOTIFY_TEAMS", WORKFLOW.replace(":443", ":8443"), "must be an address on"),
        ("NOTIFY_TEAMS", WORKFLOW.replace("https", "http"), "must be https"),
        ("NOTIFY_TEAMS", "https://hidden@x.logic.azure.com/", "neither a user name nor a fragment"),
        ("NOTIFY_TEAMS", "https://logic.azure.com.hidden.example/", "must be an address on"),
        ("NOTIFY_SLACK", "https://slack.com/hidden", "must be an address on hooks.slack.com"),
        ("NOTIFY_SLACK", "https://hooks.slack.com\\@hidden.example/", "is not an address"),
        ("NOTIFY_WEBHOOK", "http://hidden.example/", "must be https"),
        ("NOTIFY_WEBHOOK", "ftp://hidden.example/", "must be https"),
        ("NOTIFY_WEBHOOK", "hidden", "is not an address"),
        ("NOTIFY_WEBHOOK", "https://hidden.example:x/", "is not an address"),
        ("NOTIFY_JIRA", "https://contoso.atlassian.net/jira/hidden", "must be https://contoso.atlassian.net"),
        ("NOTIFY_JIRA", "https://api.atlassian.com/ex/hidden", "must be https://contoso.atlassian.net"),
        ("NOTIFY_JIRA_CREDENTIAL", "hidden", "must be a user name and a token, separated by a colon"),
        ("NOTIFY_ZENDESK", "https://hidden.example", "must be an address on *.zendesk.com"),
        ("NOTIFY_ZENDESK", "https://contoso.zendesk.com/api/hidden", "must be a root"),
        ("NOTIFY_SERVICENOW_CREDENTIAL", "@Microsoft.KeyVault(SecretUri=hidden)", "which was not resolved"),
        ("NOTIFY_FRESHSERVICE_CREDENTIAL", "hidden\nkey", "holds characters that no credential has"),
        ("NOTIFY_PAGERDUTY_FROM", "bot", "is not a mail address"),
        ("NOTIFY_PAGERDUTY_FROM", "a@b.c, d@e.f", "is not a mail address"),
        ("NOTIFY_SLACK_CHANNEL", "#general", "must be the id of a channel"),
        ("NOTIFY_WEBHOOK_SECRET", "hidden!", "is not whsec_ followed by base64"),
        ("NOTIFY_WEBHOOK_SECRET", "whsec_aGlkZGVu", "does not have 24 to 64 bytes"),
        ("NOTIFY_WEBHOOK_SECRET", "a,b,c", "lists 3 secrets; 2 are allowed"),
        ("NOTIFY_OUTCOMES", "started,broken", "lists 'broken', but knows only started, "),
        ("NOTIFY_OUTCOMES", ",", "which lists nothing"),
    ],
)
def test_what_is_wrong_is_named_and_no_secret_shown(name: str, value: str, complaint: str) -> None:
    found = [fault for fault in faults(**{name: value}) if fault.startswith(f"{name} ") and complaint in fault]
    assert len(found) == 1
    assert "hidden" not in str(found)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"NOTIFY_JIRA": "https://contoso.atlassian.net"}, "NOTIFY_JIRA_CREDENTIAL is missing: NOTIFY_JIRA needs it"),
        ({"NOTIFY_ZENDESK_CREDENTIAL": "a:b"}, "NOTIFY_ZENDESK is missing: set it with NOTIFY_ZENDESK_CREDENTIAL"),
        ({"NOTIFY_SLACK_TOKEN": "xoxb-1"}, "NOTIFY_SLACK_CHANNEL is missing: NOTIFY_SLACK_TOKEN needs it"),
        (
            {"NOTIFY_WEBHOOK_HANDSHAKE": "true"},
            "NOTIFY_WEBHOOK_HANDSHAKE says how NOTIFY_WEBHOOK is used, which is missing",
        ),
    ],
)
def test_half_a_target_is_a_fault(given: dict[str, str], complaint: str) -> None:
    assert complaint in faults(**given)


def test_token_for_slack_is_enough() -> None:
    settings, found = NoticeSettings.read({"NOTIFY_SLACK_TOKEN": "xoxb-1", "NOTIFY_SLACK_CHANNEL": "C0123456789"})
    assert (settings.targets, settings.slack_api, found) == ((Target.SLACK,), "https://slack.com/api", [])


def test_jira_is_taken_behind_atlassians_gateway_too() -> None:
    root = "https://api.atlassian.com/ex/jira/11111111-2222-4333-8444-555555555555"
    settings, found = NoticeSettings.read({"NOTIFY_JIRA": f"{root}/", "NOTIFY_JIRA_CREDENTIAL": "a:b"})
    assert (settings.jira, found) == (root, [])


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("https://slack-gov.com/api/", None),
        ("https://slack.com/", "must be https://slack.com/api"),
        ("https://hidden.example/api", "must be an address on slack.com"),
    ],
)
def test_slacks_api_is_slacks(value: str, complaint: str | None) -> None:
    given = {"NOTIFY_SLACK_TOKEN": "xoxb-1", "NOTIFY_SLACK_CHANNEL": "C0123456789", "NOTIFY_SLACK_API": value}
    settings, found = NoticeSettings.read(given)
    assert "hidden" not in str(found)
    if complaint is None:
        assert (settings.slack_api, found) == (value.rstrip("/"), [])
    else:
        assert [fault for fault in found if complaint in fault]
