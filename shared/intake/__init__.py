"""How the app handles an HTTP request. The result is start requests for the queue, and an answer.

Uses `shared.event` and the layers below it. No module here may import requests or azure.identity, directly or not.
"""
