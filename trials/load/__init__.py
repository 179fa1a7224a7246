"""Sends thousands of requests through the whole local system, and measures what they cost one instance of the app.

Nothing may be lost, and nothing may grow: memory and CPU time an event at the end are held against those at the
beginning, after a warm-up. Each tenth asks for jobs of its own, each of them several times, so that all
tenths do the same work. Half of the requests come by HTTP, half by queue, with a bounded number of them under way: how
long one takes from its acceptance to its event depends on that number, and on the storage emulator, which does one
thing at a time. The timer that follows started jobs is left out (trials.follow has it).
"""
