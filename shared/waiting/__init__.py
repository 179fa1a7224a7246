"""A request that waits: its message, its gaps, and which service is away now.

Uses the ledger's connection, and what is below it.
"""
