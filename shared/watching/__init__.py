"""A look at the jobs themselves: a quarantine is found without an alert, and asked to be started once.

Uses `shared.event` and what is below it.
"""
