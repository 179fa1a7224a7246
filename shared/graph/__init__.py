"""Microsoft Graph: the calls that the app makes, a job as Graph shows it, and the tokens for both.

Uses `shared.request` and the settings.
"""
