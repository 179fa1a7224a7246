"""What became of a request, for whoever asks: its events in a table for 30 days, and signed addresses to read them at.

Off unless STATUS_TABLE names the table.
"""
