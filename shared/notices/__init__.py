"""An event told to people: which target wants it, its words as a card or a note, and its delivery.

Uses `shared.event` and what is below it. Nothing of it is imported before a setting that begins with NOTIFY_ is set.
"""
