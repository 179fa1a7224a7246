"""The part of Microsoft's cloud that the app talks to, simulated in one process: Graph's synchronization, and tokens.

Four servers on loopback:

- **Microsoft Graph**, v1.0 and beta: servicePrincipals by id and by appId, or all of them, their synchronization/jobs
  (list, get, start, validateCredentials), $batch, errors in Graph's form. It takes the tokens that the other server
  gave out, no others.
- **managed identity**, as App Service offers it (IDENTITY_ENDPOINT, IDENTITY_HEADER).
- **Azure Tables** and **Azure Queue Storage**: each passes its calls on to the service behind it, Azurite's, for the
  faults alone.

What stands behind them is set up below /_sim of the Graph server, without a token:

    PUT    /_sim/jobs/{servicePrincipalId}/{jobId}    a synchronizationJob as JSON; GET reads it back
    GET    /_sim/history                              {jobId: [{"since", "job"}, ...]}: what each job was, in turn,
                                                      whatever reads showed of it
    PUT    /_sim/principals/{servicePrincipalId}      {"appId": guid, "displayName": text}; made where there is none
    GET    /_sim/principals                           all of them, with their jobs
    POST   /_sim/faults                               see below; GET lists which calls are still to be met, DELETE takes
                                                      all of them back
    GET    /_sim/calls                                every call of Graph; ?service=identity, tables or
                                                      queues: of another; DELETE forgets all of them
    PUT    /_sim/latency                              {"seconds": s}: every call but those of storage takes that much
                                                      longer
    PUT    /_sim/paging                               {"size": n}: jobs in a page of a list
    PUT    /_sim/effects                              {"shownAfterSeconds": s}: for jobs that do not say it
    PUT    /_sim/write-limit                          {"writes": n, "seconds": s}: so many writes Graph takes in any s
                                                      seconds, parts of batches too; DELETE takes it back
    PUT    /_sim/identity                             {"lifetimeSeconds": n}: how long tokens are valid from now on;
                                                      {"expiresOn": text}: what is said of it, in place of a number
    DELETE /_sim/tokens                               every token given out so far stops being valid

What a job does not say of itself is filled in as Graph shows it: its schedule, and every property of its status. A
job that is started runs. It reads Active where it has had a cycle (steadyStateFirstAchievedTime, or
lastSuccessfulExecution), else NotRun with its schedule on, until its first cycle ends. `start` is refused for a job
that is NotConfigured. A job may say in a property `_sim`, which Graph does not show, what follows when it is started:

    "afterStart"           "succeed" (a cycle ends without errors), "entryErrors" (it ends with errors in entries),
                           "relapse" (into a new quarantine) or "nothing": the cycle does not end
    "afterSeconds"         how long after the start that is (0.5)
    "shownAfterSeconds"    how long a read still shows the job as it was before the start (else 0, or as set for all)
    "staleReads"           [2, 5]: which reads after the start still show the job as it was before it, for they come
                           from a replica that was not told yet; 1 is the first
    "reads"                [job, ...]: what reads of this job show in turn, whatever is done; the last stays. Each is
                           shown as it is here, even where it is not a job. A read in a list counts like another. A
                           start has an effect once per quarantine, and once per pause
    "credentials"          {"status", "code", "message"}: the answer to validateCredentials where it is not 204

A fault meets the next calls that match it, before anything is checked; the first of several that match counts:

    "match"                 {"service", "method", "pathContains", "pathEndsWith"}: each may be absent; service is graph,
                            identity, tables or queues, the path is meant without its query
    "times"                 how many calls it meets (1); null: all, until it is taken back
    "delaySeconds"          waits that long first
    "answerAfterSeconds"    does the work, and waits that long before it answers
    "dropConnection"        "before" the work is done, or "after" it, so that only its answer is lost
    "status"                answers with it, "headers" and "body", and does no work. A header whose value is a list has
                            a line for each. A body that is a string goes out as it is, null is none, anything else is
                            JSON; an absent one is what the service usually says with that status
    "doesWork"              true: does the work, though it answers with "status"
    "sendAs"                "bom": the body has a byte order mark, "gzip": it is compressed, "falseGzip": it is said to
                            be and is not. This and the next two may go with the service's own answer
    "secondsPerByte"        the body comes byte by byte
    "cutAfterBytes"         the connection breaks off after so many bytes of the body
    "answers"               [{…}, …] in place of all of these but "match": what happens to the calls in turn; each has
                            "repeat" in place of "times". After the last one the service works again

The write limit may also say what a refusal names as Retry-After ("retryAfter": a text, or "remaining" for the seconds
until a write is free; else there is none), and whether refused writes count, so that who does not wait stays refused
("countsRefused", true).

A call is listed with method, path, query, headers (no token), status (null: none was given, or not yet), time, and
durationMs. One that started a job also has "start": {"time", "tookEffect", "codeBefore", "seriesBeganBefore",
"ranBefore"}; one that showed a job as it was before its start has "staleRead": true, the part of a batch "inBatch":
true.
"""
