"""One run of the recovery timer over thousands of started jobs, each with a fate to tell: how long it takes.

The functions' own process does it here, without a host, on the simulated Graph and on the storage emulator. What is not
told at the end, or told twice, is a failure, and so are more reads within ten seconds than Graph takes.
"""
