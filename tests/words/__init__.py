"""Checks the words of pages, and of every sentence that the code can make (`python -m tests.words`)."""
