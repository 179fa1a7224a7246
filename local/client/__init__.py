"""Clients of a running system: for senders, for readers of its events, and for the simulated cloud."""
