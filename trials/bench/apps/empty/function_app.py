"""The least that an app with a queue trigger can be."""

import azure.functions as func

app = func.FunctionApp()


@app.queue_trigger(arg_name="message", queue_name="%START_REQUESTS_QUEUE%", connection="AzureWebJobsStorage")
def do_nothing(message: func.QueueMessage) -> None:
    """Take the message, and do no more."""
