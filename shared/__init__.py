"""The app's logic, in the order in which data flows.

message → start request → decision → Graph → status event. No module here knows a trigger or a binding.

Values are immutable: NamedTuples or frozen dataclasses. Python creates each class again at every cold start, and a
dataclass takes three times as long as a NamedTuple. So classes that most instances load are NamedTuples.
"""

VERSION = "0.1.0"
"""The version of the app, which its calls send in the User-Agent."""
