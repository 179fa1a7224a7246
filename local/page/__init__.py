"""A page on which a person sees the app work: jobs, requests, cards and tickets, with buttons to change them.

It is only part of the local system, listens on loopback, and uses the clients in `local.client`. It shows untrusted
text: `markup` escapes all of it.

From the top down: `server` has the routes, and `safety` decides who may use them. `actions` do the work of the buttons.
`observer` reads the system's state, and the views make HTML of it.
"""
