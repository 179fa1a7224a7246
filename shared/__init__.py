"""What the app does, in the order in which data flows.

message → start request → decision → Graph → status event. Nothing in here knows a trigger or a binding.
"""
