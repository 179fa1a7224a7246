"""The status event: what happened to a request, with sentences for people.

Uses `shared.starting` and the layers below it.
"""
