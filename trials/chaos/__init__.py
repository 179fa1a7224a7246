"""Lets parts of the whole system fail at random while the app works, and checks what it promises all the same.

A run is drawn from a seed up front: the jobs in the tenant, what is sent and when, and which fault comes when
(`plan`). It is then played on a local system with two hosts (`drive`), and judged (`checks`) by what Microsoft Graph
was called for, what the status queue says, and what each job truly was, which the simulated Graph writes down, whatever
its reads show: each start must have had a right to be (`starts`), and each event and each fate be true (`endings`,
`fates`). What a seed fixes is the plan, not the order in which threads and processes get their turn: a fault that was
found once may take a few runs of its seed to show again.

Faults: a host killed (SIGKILL) and started again; storage stopped and started again; Graph answering 409, 429 and 5xx,
hanging, dropping connections before and after the work, answering too late; the identity server failing, and all
tokens revoked; the ledger's table answering 412 and 503 or nothing; one call of a queue answered 403 or 500, be it a
read, a write of an output, a release or a delete; Graph, identity or ledger away for longer than a host tries a
message; entries of the ledger that can't be read; stale reads, and effects that show late; one message sent several
times, at once or when its job is in quarantine again; forged deliveries; latency. On a host that QUEUE_HOST names, its
worker is killed as well, and storage is away for a minute: Microsoft's host ends by itself then, and at a 403, and is
started again.

One thing is left out, because no caller can guard against it: a start that Graph carries out only after the caller has
stopped waiting for it, and has read the job again.

Whether the checks can fail is checked, too (`mutations`): each guard is taken out of a copy of the app in turn, and
the run that is meant for it must find that.
"""
