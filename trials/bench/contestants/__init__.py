"""Programs that do one and the same work, to be compared: each started once, then told what to do, in turns.

They share the protocol in `loop`, and nothing else: each has a process.
"""
