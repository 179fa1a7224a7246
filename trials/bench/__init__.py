"""Measures how much the app costs, side by side with what it can be held against, and says which targets it meets.

    python -m trials.bench [--quick] [--json] [name ...]

    cold-start         a fresh process until it can work, against an empty app on the same packages
    one-start          the work for one started job, against a bare script that makes the same calls
    throughput         started jobs a second on one instance, against what threads and Graph's latency allow
    accept-to-start    from the HTTP request to the start call's arrival at Graph

Only ratios are worth comparing: what is set side by side ran in turns, in one invocation, on one machine. A ratio is
the median of the ratios of each round, with the quartiles on both sides of it.
"""
