"""Checks the words of pages, of docstrings and comments, and of the code's sentences (`python -m tests.words`)."""
