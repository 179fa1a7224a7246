"""Follows started jobs until it is known whether the start helped, and reports that.

Uses `shared.inbox` and what is below it.
"""
