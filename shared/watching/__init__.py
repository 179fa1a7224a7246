"""The watch: it reads the jobs themselves, and requests one start per quarantine, without an alert.

Uses `shared.event` and what is below it.
"""
