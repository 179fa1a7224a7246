"""What is said of it: the status event, and its sentences for people.

Uses `shared.starting` and what is below it.
"""
