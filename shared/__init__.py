"""What the app does, in the order in which data flows.

message → start request → decision → Graph → status event. Nothing in here knows a trigger or a binding.

Values can't be changed: they are NamedTuples, or frozen dataclasses. Each class is made anew at every cold start, and a
dataclass costs three times as much to make: so what most instances load is a NamedTuple.
"""

VERSION = "0.1.0"
"""The version of the app: the User-Agent of its calls names it."""
