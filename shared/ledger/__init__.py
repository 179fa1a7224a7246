"""What the app did before: one entry per job, its form in Azure Tables, and the table itself.

Uses `shared.graph` and what is below it.
"""
