"""Whether a start helped: started jobs are followed until the fate of each is known and told.

Uses `shared.inbox` and what is below it.
"""
