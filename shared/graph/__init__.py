"""Microsoft Graph: the calls that the app makes, the jobs that it reads, and the tokens.

Uses `shared.request` and the settings.
"""
