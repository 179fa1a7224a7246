"""One run of the recovery timer over thousands of started jobs, each with a fate to report: how long it takes.

It runs in a process of its own without a host, on the simulated Graph and the storage emulator. The trial fails if a
fate is not reported, or is reported twice. It also fails if there are more reads within ten seconds than Graph accepts.
"""
