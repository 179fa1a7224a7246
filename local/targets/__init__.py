"""Stand-ins for what the app tells: chat, a webhook and ticket systems, each checking what it gets as the vendor would.

One process, a port for each. A stand-in takes what its vendor's documentation says that it takes, answers and refuses
in the vendor's form, and is never kinder: a Teams workflow accepts a card that it then fails to show.

Below /_sim of the port that is told as "control":

    PUT    /_sim/tickets/{target}/{id}    {"class", "number", "customers"}: a ticket; each may be absent
    GET    /_sim/arrived                  what people see now: {"target", "place", "text", "private", "problem"}
    GET    /_sim/calls/{target}           every call; DELETE /_sim/calls forgets all of them
    POST   /_sim/faults                   as in local.cloud, with a target as the service; DELETE takes them back
"""
