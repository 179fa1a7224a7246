"""Makes the client of a target that is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.notices.http import Http
from shared.notices.target import Target

if TYPE_CHECKING:
    from shared.notices.set_up import NoticeSettings
    from shared.notices.targets.client import TargetClient


def new_client(target: Target, settings: NoticeSettings, *, threads: int, origin: str) -> TargetClient:
    """A client with its own session. Only the module of this target is imported.

    `origin` is the app's name in the handshake of a webhook. Raises LookupError for a target that is not set up.
    """
    if target not in settings.targets:
        raise LookupError(f"{target} is not set up")
    return _new(target, settings, Http(threads), origin)


def _new(target: Target, settings: NoticeSettings, http: Http, origin: str) -> TargetClient:
    match target:
        case Target.TEAMS:
            from shared.notices.targets.teams import Teams

            return Teams(http, settings.teams or "")
        case Target.SLACK if settings.is_threaded:
            from shared.notices.targets.slack_thread import SlackThread

            return SlackThread(http, settings.slack_api, settings.slack_token or "", settings.slack_channel or "")
        case Target.SLACK:
            from shared.notices.targets.slack import Slack

            return Slack(http, settings.slack or "")
        case Target.WEBHOOK:
            from shared.notices.targets.webhook import Webhook

            asks = origin if settings.webhook_handshake else None
            return Webhook(http, settings.webhook or "", settings.webhook_keys or (), origin=asks)
        case Target.JIRA:
            from shared.notices.targets.jira import Jira

            return Jira(http, settings.jira or "", settings.jira_credential or "")
        case Target.SERVICENOW:
            from shared.notices.targets.servicenow import ServiceNow

            return ServiceNow(http, settings.servicenow or "", settings.servicenow_credential or "")
        case Target.ZENDESK:
            from shared.notices.targets.zendesk import Zendesk

            return Zendesk(http, settings.zendesk or "", settings.zendesk_credential or "")
        case Target.FRESHSERVICE:
            from shared.notices.targets.freshservice import Freshservice

            return Freshservice(http, settings.freshservice or "", settings.freshservice_credential or "")
        case Target.PAGERDUTY:
            from shared.notices.targets.pagerduty import PagerDuty

            return PagerDuty(
                http, settings.pagerduty or "", settings.pagerduty_credential or "", settings.pagerduty_from or ""
            )
