"""`python -m local demo`: shows a person, in half a minute, what the app does with requests of every kind."""
