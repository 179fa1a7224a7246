"""A page on which a person sees the app work: jobs, requests, cards and tickets, with buttons for what may happen.

It is part of the local system alone, listens on loopback, and asks and tells the other parts what their clients in
`local.client` can. What it shows is text of strangers: `markup` escapes all of it.

From the top down: `server` has the addresses, `safety` says who may use them, `actions` do what the buttons say,
`observer` looks at the system, the views make HTML of what it saw.
"""
