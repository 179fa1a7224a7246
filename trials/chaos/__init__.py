"""Lets parts of the whole system fail at random while the app works, and checks that it keeps its promises.

A run is planned from a seed: the jobs in the tenant, what is sent and when, and which fault comes when (`plan`). It is
then played on a local system with two hosts (`drive`), and its record is checked (`checks`). The record has the calls
to Microsoft Graph, the events on the status queue, and the real states of each job. The simulated Graph records those,
whatever its reads show. Each start must be justified (`starts`), and each event must be true (`endings`, `fates`).

A seed determines the plan, but not how the system schedules threads and processes. So a fault that was found once may
need several runs of its seed to occur again.

Faults:

- A host is killed (SIGKILL) and started again. Storage is stopped and started again.
- Graph answers 409, 429 or 5xx, hangs, answers too late, or drops the connection before or after the work.
- The identity server fails, or all tokens are revoked.
- The ledger's table answers 412 or 503, or not at all. Entries of the ledger become unreadable.
- One call to a queue (read, write, release or delete) is answered with 403 or 500.
- Graph, identity or ledger is away for longer than a host tries a message.
- Reads are stale, effects of starts show late, or every call has more latency.
- A message is sent several times, at once or when its job is in quarantine again. Deliveries are forged.
- With QUEUE_HOST, the host's worker is killed too, and storage is away for a minute. Microsoft's host then ends by
  itself, as it does after a 403, and is started again.

One fault is left out, because no caller can guard against it. Graph could carry out a start only after the caller has
stopped waiting for it and has read the job again.

`mutations` checks the checks: it takes each guard in turn out of a copy of the app. A run made for that guard must then
find its absence.
"""
