"""Measures what the app costs, compared with smaller programs, and shows which targets it meets.

    python -m trials.bench [--quick] [--json] [name ...]

    cold-start         start of a process until it can work, against an empty app with the same packages
    one-start          the work for one started job, against a bare script that makes the same calls
    throughput         started jobs per second on one instance, against what threads and Graph's latency allow
    accept-to-start    from the HTTP request to the start call's arrival at Graph

Compare only ratios: both sides of a ratio ran in turns, in one invocation, on one machine. A ratio is the median of the
rounds' ratios, with the quartiles on both sides of it.
"""
