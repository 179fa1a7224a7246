"""Sends thousands of requests through the whole local system, and measures what they cost one instance of the app.

No request may be lost. Memory and CPU time per event must not grow from the first tenth of the run, after a warm-up, to
the last. Each tenth requests jobs of its own, each of them several times, so that all tenths do the same work.

Half of the requests are sent over HTTP, half through the queue, with a limit of requests in progress. The time from
acceptance to event depends on that limit, and on the storage emulator, which does one thing at a time. The recovery
timer is off; trials.follow measures it.
"""
