"""A Functions host for one machine: triggers and bindings around Microsoft's own Python runtime library.

It reads only an app's `host.json` and indexed functions, and does for them what the .NET host does in Azure. It has
HTTP routes and keys, queue listeners with leases and poison queues, timers, and queue outputs. Other types of bindings
are refused by name when the host starts. It has no retry policies, no binding expressions (`{…}`), and only one
instance. docs/local.md lists where Microsoft's host does more harm than this one.
"""
