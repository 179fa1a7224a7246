"""What is asked for: a start request, the queue message that it travels in, the reference to a job.

Imports only single modules of `shared` below it, neither settings nor another package.
"""
