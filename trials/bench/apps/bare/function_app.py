"""The work of the app's queue function as a short script does it: read, start, read back, with no safeguards.

It has one requests.Session and a token that is fetched once. It checks the answers, and puts the status code on a
queue.
"""

import os

import azure.functions as func
import requests
from requests.adapters import HTTPAdapter

app = func.FunctionApp()

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
session.mount("http://", HTTPAdapter(pool_maxsize=int(os.environ["PYTHON_THREADPOOL_THREAD_COUNT"])))
session.headers["Authorization"] = f"Bearer {_token()}"


def start(service_principal_id: str, job_id: str) -> str:
    """Start the job if it is in quarantine or paused. Returns its status code after that."""
    url = f"{_ROOT}/v1.0/servicePrincipals/{service_principal_id}/synchronization/jobs/{job_id}"
    before = str(session.get(url, timeout=_TIMEOUT).json()["status"]["code"])
    if before not in {"Quarantine", "Paused"}:
        return before
    session.post(f"{url}/start", timeout=_TIMEOUT).raise_for_status()
    return str(session.get(url, timeout=_TIMEOUT).json()["status"]["code"])


@app.queue_trigger(arg_name="message", queue_name="%START_REQUESTS_QUEUE%", connection="AzureWebJobsStorage")
@app.queue_output(arg_name="status", queue_name="start-status", connection="AzureWebJobsStorage")
def start_job(message: func.QueueMessage, status: func.Out[str]) -> None:
    """Start the job that the message names, and put its status code on the status queue."""
    request = message.get_json()
    status.set(start(request["servicePrincipalId"], request["jobId"]))
