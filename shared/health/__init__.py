"""The health check: whether the app has everything that it needs. It tries each link, and reports it in a sentence.

It uses nothing that the process already has. A cached token, an open connection, or a service marked as unavailable
would hide what is wrong now, or what works again.
"""
