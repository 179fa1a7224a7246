"""Notices: which target gets an event, its text as a card or a note, and its delivery.

Uses `shared.event` and what is below it. It is only imported if a setting begins with NOTIFY_.
"""
