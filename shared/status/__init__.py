"""The status of a request: its events, kept in a table for 30 days, and signed addresses to read them.

Off unless STATUS_TABLE names the table.
"""
