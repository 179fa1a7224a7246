"""The smallest app with a queue trigger."""

import azure.functions as func

app = func.FunctionApp()


@app.queue_trigger(arg_name="message", queue_name="%START_REQUESTS_QUEUE%", connection="AzureWebJobsStorage")
def do_nothing(message: func.QueueMessage) -> None:
    """Take the message, and do nothing."""
