"""The part of Microsoft's cloud that the app calls, simulated in one process: Graph's synchronization, and tokens.

Four servers on loopback:

- **Microsoft Graph**, v1.0 and beta: servicePrincipals (by id, by appId, as a list), their synchronization/jobs (list,
  get, start, validateCredentials), $batch, and errors in Graph's form. It accepts only tokens of the identity server.
- **Managed identity**, as App Service offers it (IDENTITY_ENDPOINT, IDENTITY_HEADER).
- **Azure Tables** and **Azure Queue Storage**: each forwards its calls to Azurite, so that faults can be injected.

Tests set the simulation up below /_sim on the Graph server. No token is needed there:

    PUT    /_sim/jobs/{servicePrincipalId}/{jobId}    Body: a synchronizationJob. GET returns it.
    GET    /_sim/history                              {jobId: [{"since", "job"}, ...]}: every state of each job, in
                                                      order, even if no read showed it.
    PUT    /_sim/principals/{servicePrincipalId}      {"appId": guid, "displayName": text}. Creates or updates it.
    GET    /_sim/principals                           All service principals, with their jobs.
    POST   /_sim/faults                               Adds a fault, see below. GET lists the calls that faults still
                                                      wait for. DELETE removes all faults.
    GET    /_sim/calls                                All calls to Graph, or with ?service=identity, tables or queues,
                                                      to that service. DELETE clears the list.
    PUT    /_sim/latency                              {"seconds": s}: added to every call, except calls to storage.
    PUT    /_sim/paging                               {"size": n}: jobs per page of a list.
    PUT    /_sim/effects                              {"shownAfterSeconds": s}: for jobs that do not set it.
    PUT    /_sim/write-limit                          {"writes": n, "seconds": s}: Graph takes n writes in any s
                                                      seconds, parts of batches included. DELETE removes the limit.
    PUT    /_sim/identity                             {"lifetimeSeconds": n}: how long new tokens are valid.
                                                      {"expiresOn": text}: sent as expires_on instead of the real time.
    DELETE /_sim/tokens                               Revokes every token issued so far.

Properties that a job leaves out, such as its schedule or parts of its status, get the values that Graph shows. A
started job runs. It reads Active if it has had a cycle (steadyStateFirstAchievedTime or lastSuccessfulExecution).
Otherwise it reads NotRun, with its schedule on, until its first cycle ends. `start` is refused while a job is
NotConfigured. The property `_sim` of a job, which Graph does not show, sets what happens after a start:

    "afterStart"           "succeed" (a cycle ends without errors), "entryErrors" (it ends with errors in entries),
                           "relapse" (into a new quarantine) or "nothing" (the cycle does not end).
    "afterSeconds"         How long after the start this happens. Default: 0.5.
    "shownAfterSeconds"    How long reads still show the job as it was before the start. Default: as set for all
                           jobs, or 0.
    "staleReads"           [2, 5]: which reads after the start come from a replica that does not know of it yet. They
                           show the job as it was before. 1 is the first read.
    "reads"                [job, ...]: what reads of this job show, one after another; the last one repeats. Each is
                           sent as given, even if it is not a job. A read in a list counts too. A start has an effect
                           once per quarantine, and once per pause.
    "credentials"          {"status", "code", "message"}: the answer to validateCredentials, if it is not 204.

A fault applies to the next calls that match it, before the service checks anything. If several match, the first one
counts. Its properties:

    "match"                 {"service", "method", "pathContains", "pathEndsWith"}, each optional. service is graph,
                            identity, tables or queues. The path is compared without its query.
    "times"                 How many calls it applies to. Default: 1. null: all calls, until it is removed.
    "delaySeconds"          Waits before anything else.
    "answerAfterSeconds"    Does the work, then waits before the answer.
    "dropConnection"        "before" the work is done, or "after" it, which loses only the answer.
    "status"                Answers with this status, "headers" and "body", and does no work. A list as the value of a
                            header gives one line per item. A string is sent as the body unchanged, null is no body,
                            other values are sent as JSON. Default: the body that the service usually sends with it.
    "doesWork"              true: does the work, although it answers with "status".
    "sendAs"                "bom": the body starts with a byte order mark. "gzip": it is compressed. "falseGzip": the
                            headers say that it is compressed, but it is not. This and the next two also work with
                            the service's own answer.
    "secondsPerByte"        Sends the body byte by byte.
    "cutAfterBytes"         Breaks the connection after this many bytes of the body.
    "answers"               [{…}, …]: one fault after another, instead of all properties above except "match". Each
                            has "repeat" instead of "times". After the last one the service works again.

The write limit also takes "retryAfter": a text for the Retry-After header of refusals, or "remaining" for the seconds
until a write is free. By default there is no such header. "countsRefused" (default: true) says whether refused writes
count, so that a caller that does not wait stays refused.

A call in the list has method, path, query, headers (without the token), status (null: no answer, or none yet), time
and durationMs. A call that started a job also has "start": {"time", "tookEffect", "codeBefore", "seriesBeganBefore",
"ranBefore"}. A call that showed a job as it was before its start has "staleRead": true. A part of a batch has
"inBatch": true.
"""
