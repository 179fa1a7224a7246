"""A request that waits: its message, the gaps between its tries, and which service is down.

Uses the ledger's connection, and what is below it.
"""
