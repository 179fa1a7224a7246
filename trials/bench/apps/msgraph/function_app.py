"""The job of the app's queue function as one writes it with Microsoft's Graph SDK: read, start, read back."""

import json
import os

import azure.functions as func
from azure.identity.aio import DefaultAzureCredential
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient

app = func.FunctionApp()


credential = DefaultAzureCredential()


def new_client() -> GraphServiceClient:
    """The client of the process. It is given an adapter because Graph is at another address here."""
    root = os.environ["GRAPH_ENDPOINT"]
    adapter = GraphRequestAdapter(AzureIdentityAuthenticationProvider(credential, scopes=[f"{root}/.default"]))
    adapter.base_url = f"{root}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


client = new_client()


async def start(service_principal_id: str, job_id: str) -> str:
    """Start a job that is in quarantine or paused. Returns its status code after that."""
    jobs = client.service_principals.by_service_principal_id(service_principal_id).synchronization.jobs
    job = jobs.by_synchronization_job_id(job_id)
    before = await job.get()
    if before.status.code.value not in {"Quarantine", "Paused"}:
        return str(before.status.code.value)
    await job.start.post()
    after = await job.get()
    return str(after.status.code.value)


@app.queue_trigger(arg_name="message", queue_name="%START_REQUESTS_QUEUE%", connection="AzureWebJobsStorage")
async def start_job(message: func.QueueMessage) -> None:
    """Start the job that the message names."""
    request = json.loads(message.get_body())
    await start(request["servicePrincipalId"], request["jobId"])
