"""The bare script: three calls of Graph on one session with a cached token, and no more than a look at the answers."""

import os

import requests

from local.bench.contestants.loop import serve

_ROOT = os.environ["GRAPH_ENDPOINT"]
_TIMEOUT = 30


def _token() -> str:
    answer = requests.get(
        os.environ["IDENTITY_ENDPOINT"],
        params={"api-version": "2019-08-01", "resource": _ROOT},
        headers={"X-IDENTITY-HEADER": os.environ["IDENTITY_HEADER"]},
        timeout=_TIMEOUT,
    )
    return str(answer.json()["access_token"])


session = requests.Session()
session.headers["Authorization"] = f"Bearer {_token()}"


def prepare(service_principal_id: str, job_id: str) -> str:
    """The URL of the job."""
    return f"{_ROOT}/v1.0/servicePrincipals/{service_principal_id}/synchronization/jobs/{job_id}"


def work(url: str) -> str:
    """Start the job if it is in quarantine or paused. Returns its status code after that."""
    before = str(session.get(url, timeout=_TIMEOUT).json()["status"]["code"])
    if before not in {"Quarantine", "Paused"}:
        return before
    session.post(f"{url}/start", timeout=_TIMEOUT).raise_for_status()
    return str(session.get(url, timeout=_TIMEOUT).json()["status"]["code"])


if __name__ == "__main__":
    serve(prepare, work)
