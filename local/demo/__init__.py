"""`python -m local demo`: shows in half a minute what the app does with requests of every kind."""
