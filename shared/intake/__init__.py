"""What comes of an HTTP request: start requests for the queue, and an answer.

Uses `shared.event` and what is below it. Nothing in here may import requests or azure.identity, directly or not.
"""
