"""What the app does, in the order in which data flows.

message → start request → decision → Graph → status event. Nothing in here knows a trigger or a binding.

Values are frozen dataclasses. Where a value is no more than its fields, it is a NamedTuple: each class is made anew at
every cold start, and a dataclass costs three times as much to make.
"""

VERSION = "0.1.0"
"""The version of the app: the User-Agent of its calls names it."""
