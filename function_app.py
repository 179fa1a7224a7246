"""The function app: everything that it does is registered in start_job_function."""

import azure.functions as func

from start_job_function import blueprint

app = func.FunctionApp()
app.register_functions(blueprint)
