"""What was done before: one entry a job, its form in Azure Tables, and the table itself.

Uses `shared.graph` and what is below it.
"""
