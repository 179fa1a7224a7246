"""Programs that do the same work, to be compared. Each is started once, and they then work in turns.

They share only the protocol in `loop`. Each has a process of its own.
"""
