"""What is done about a start request: whether its job is started, the start itself, and how the work ended.

Uses `shared.ledger` and what is below it.
"""
