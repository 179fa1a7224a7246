"""Stand-ins for the targets of notices: chat, a webhook and ticket systems. Each checks requests as its vendor does.

They are servers of one process, each on a port of its own. A stand-in accepts what its vendor documents, and answers
and refuses in the vendor's form. It is never more tolerant: a Teams workflow accepts a card that it then fails to show.

The port that is printed as "control" has these routes:

    PUT    /_sim/tickets/{target}/{id}    Opens a ticket: {"class", "number", "customers"}, each optional.
    GET    /_sim/arrived                  What people see now: {"target", "place", "text", "private", "problem"}.
    GET    /_sim/calls/{target}           Every call. DELETE /_sim/calls clears the list.
    POST   /_sim/faults                   As in local.cloud, with a target as the service. DELETE removes all faults.
"""
