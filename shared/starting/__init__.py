"""The work on a start request: the decision whether to start the job, the start, and the result.

Uses `shared.ledger` and what is below it.
"""
