"""Trials of the whole system: `chaos` injects faults, `load` sends many requests, `bench` measures."""
