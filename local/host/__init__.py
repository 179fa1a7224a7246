"""A Functions host for one machine: triggers and bindings around Microsoft's own Python runtime library.

It knows of an app only what `host.json` and the indexed functions say, and does for them what the .NET host does in
Azure: HTTP routes and keys, queue listeners with leases and poison queues, timers, queue outputs. Bindings of other
types are refused at the start, by name. Not there: retry policies, binding expressions (`{…}`), and more than one
instance. docs/local.md says where Microsoft's host does more harm than this one.
"""
