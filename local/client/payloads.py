"""Payloads of other systems, in the form that docs/senders sets up, for the demo and the page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

type Body = dict[str, Any]


def alert(alert_id: str, principal: str, *job_ids: str, rule: str = "Provisioning in quarantine") -> Body:
    """A log alert of Azure Monitor in the common alert schema, split by application and job."""
    dimensions = [
        [{"name": "ServicePrincipalId", "value": principal}, {"name": "JobId", "value": job_id}] for job_id in job_ids
    ]
    return {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": {
                "alertId": alert_id,
                "alertRule": rule,
                "monitorCondition": "Fired",
                "firedDateTime": datetime.now(UTC).isoformat(),
            },
            "alertContext": {"condition": {"allOf": [{"dimensions": each} for each in dimensions]}},
        },
    }


def incident(incident_id: str, principal: str, job_id: str, title: str = "Quarantine") -> Body:
    """An incident from PagerDuty, with the job's path in its title."""
    return {
        "event": {
            "id": f"01DEMOEVENT{incident_id}",
            "event_type": "incident.triggered",
            "data": {"id": incident_id, "type": "incident", "title": f"{title}: {_path(principal, job_id)}"},
        }
    }


def ticket(reference: str, principal: str, job_id: str, summary: str) -> Body:
    """The body that an administrator writes in the rule of a ticket system."""
    return {
        "servicePrincipalId": principal,
        "jobId": job_id,
        "requestedBy": {"reference": reference, "summary": summary},
    }


def issue(key: str, principal: str, job_id: str, summary: str) -> Body:
    """Jira's webhook for a new issue, with the job's address in its description."""
    path = f"https://graph.microsoft.com/v1.0/{_path(principal, job_id)}"
    return {
        "timestamp": round(datetime.now(UTC).timestamp() * 1000),
        "webhookEvent": "jira:issue_created",
        "user": {"accountId": "1", "displayName": "Ada"},
        "issue": {
            "id": "10007",
            "key": key,
            "fields": {"summary": summary, "description": f"Please start [the job|{path}]"},
        },
    }


def opsgenie_alert(alert_id: str, principal: str, job_id: str, message: str) -> Body:
    """An alert of Opsgenie, with the ids in its details."""
    return {
        "action": "Create",
        "alert": {
            "alertId": alert_id,
            "message": message,
            "details": {"ServicePrincipalId": principal, "JobId": job_id},
        },
        "integrationName": "start-job",
    }


def alertmanager_alert(key: str, principal: str, job_id: str) -> Body:
    """The body that Prometheus Alertmanager posts, with the ids as labels. The source `generic` reads it."""
    return {
        "version": "4",
        "groupKey": key,
        "status": "firing",
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": "Quarantine", "servicePrincipalId": principal, "jobId": job_id},
                "startsAt": datetime.now(UTC).isoformat(),
            }
        ],
    }


def _path(principal: str, job_id: str) -> str:
    return f"servicePrincipals/{principal}/synchronization/jobs/{job_id}"
