"""Calls the simulated Graph as the app does."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from local.parts.cloud_part import CloudPart


class Caller:
    """Calls Graph with a token, as the app does."""

    def __init__(self, part: CloudPart) -> None:
        self.part = part
        self.principal = str(uuid.uuid4())
        self.jobs = f"{part.graph}/v1.0/servicePrincipals/{self.principal}/synchronization/jobs"
        self.headers = {"Authorization": f"Bearer {self.token(part.graph)}"}

    def token(self, resource: str) -> str:
        answer = self.ask_for_token(resource)
        assert answer.json()["token_type"] == "Bearer"
        assert int(answer.json()["expires_on"]) > time.time()
        return str(answer.json()["access_token"])

    def ask_for_token(self, resource: str, **headers: str) -> requests.Response:
        query = {"api-version": "2019-08-01", "resource": resource}
        headers = headers or {"X-IDENTITY-HEADER": self.part.identity_header}
        return requests.get(self.part.identity, params=query, headers=headers, timeout=30)

    def get(self, url: str) -> requests.Response:
        return requests.get(url, headers=self.headers, timeout=30)

    def job(self, job_id: str) -> dict[str, Any]:
        job: dict[str, Any] = self.get(f"{self.jobs}/{job_id}").json()
        return job

    def status(self, job_id: str) -> dict[str, Any]:
        status: dict[str, Any] = self.job(job_id)["status"]
        return status

    def post(self, url: str) -> requests.Response:
        return requests.post(url, headers=self.headers, timeout=30)
