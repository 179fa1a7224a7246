"""The start request, the queue message that contains it, and the reference to a job.

Imports only single modules of `shared` below it: neither settings nor another package.
"""
