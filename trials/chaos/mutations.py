"""Can the checks fail? Each guard is taken out of a copy of the app, and a run made for it must show that.

The same run of the unchanged app must show nothing. Otherwise its finding would say nothing about the guard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from trials.app_copy import copy_app
from trials.chaos import scenarios

if TYPE_CHECKING:
    from pathlib import Path

    from trials.chaos.plan import Plan


_VERDICT: Final = "shared/starting/verdict.py"
_STARTABLE: Final = """    if job.code not in (JobCode.QUARANTINE, JobCode.PAUSED):
        return Verdict(Reason.NOT_STARTABLE)
"""


class PatternGone(Exception):
    """The source no longer has the text that the mutation replaces, so that the mutation must be updated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A guard, how to take it out, and a run in which it matters."""

    guard: str
    file: str
    pattern: str
    """Text that occurs in the file exactly once."""
    replacement: str
    plan: Plan
    finding: str
    """Part of the sentence by which the checks must show its absence."""

    def mutate(self, source: str) -> str:
        """The source without the guard. Raises PatternGone."""
        count = source.count(self.pattern)
        if count != 1:
            raise PatternGone(f"{self.file} holds this {count} times, not once: {self.pattern!r}")
        return source.replace(self.pattern, self.replacement)

    def copy_app_to(self, to: Path) -> None:
        """Copy the app without the guard into a folder. Raises PatternGone."""
        copy_app(to)
        file = to / self.file
        file.write_text(self.mutate(file.read_text(encoding="utf-8")), encoding="utf-8")


def mutations() -> list[Mutation]:
    """All mutations. Times in the jobs are relative to now."""
    return [
        Mutation(
            guard="the condition on the ETag",
            file="shared/ledger/table.py",
            pattern="self._insert(entity) if entry.etag is None else self._replace(entity, entry.etag)",
            replacement="self._create_table() or self._table.upsert_entity(entity, mode=UpdateMode.REPLACE)",
            plan=scenarios.contended(),
            finding="was started",
        ),
        Mutation(
            guard="the read before a start whose answer was lost",
            file="shared/starting/start_job.py",
            pattern="before = self._graph.read(job)\n",
            replacement="before = self._first = getattr(self, '_first', None) or self._graph.read(job)\n",
            plan=scenarios.answers_lost(),
            finding="was started while Active",
        ),
        Mutation(
            guard="the report of what was given up",
            file="start_job_function/report_abandoned.py",
            pattern="queue_name=POISON",
            # It listens to a queue that is always empty.
            replacement='queue_name="nothing"',
            plan=scenarios.given_up(),
            finding="has no terminal event",
        ),
        Mutation(
            guard="the record of what a request has started",
            file="shared/ledger/entry.py",
            pattern="return next((start for start in own if start.state is not State.STARTING), None)",
            replacement="return None",
            plan=scenarios.repeated(),
            finding="had started its job already",
        ),
        Mutation(
            guard="the check whether the record still holds",
            file="shared/starting/start_job.py",
            pattern="case Recorded(start) if before.is_running or same_episode(start, before, moment):",
            replacement="case Recorded(start):",
            plan=scenarios.pressed_again(),
            finding="it was not started by this message, and does not run",
        ),
        Mutation(
            guard="one start per episode",
            file=_VERDICT,
            pattern="    if same:\n",
            replacement="    if False:\n",
            plan=scenarios.read_stale(),
            finding="was started while Active",
        ),
        Mutation(
            guard="the check of what a lost start has led to",
            file="shared/starting/episode.py",
            pattern="return job.is_running or new_quarantine(job, start, now) is not None",
            replacement="return job.is_running",
            plan=scenarios.lost_and_relapsed(),
            finding="events report it",
        ),
        Mutation(
            guard="the limit on starts",
            file=_VERDICT,
            pattern="    if len(automatic) >= settings.start_limit:\n",
            replacement="    if False:\n",
            plan=scenarios.relapsing(),
            finding="are allowed",
        ),
        Mutation(
            guard="the hold on too many deletions",
            file=_VERDICT,
            pattern='    "toomanydeletes": Reason.TOO_MANY_DELETES,\n',
            replacement="",
            plan=scenarios.quiet(),
            finding="it was held: too_many_deletes",
        ),
        Mutation(
            guard="all holds",
            file=_VERDICT,
            pattern="        if hold in settings.held_reasons:\n",
            replacement="        if False:\n",
            plan=scenarios.quiet(),
            finding="it was held: escrows_pruned",
        ),
        Mutation(
            guard="the dry run",
            file=_VERDICT,
            pattern="return Verdict(Reason.DRY_RUN) if request.dry_run else Verdict()",
            replacement="return Verdict()",
            plan=scenarios.quiet(),
            finding="the request was a dry run",
        ),
        Mutation(
            guard="the states that a request lists",
            file=_VERDICT,
            pattern="    if job.code not in request.start_when:\n",
            replacement="    if False:\n",
            plan=scenarios.quiet(),
            finding="only Paused was asked for",
        ),
        Mutation(
            guard="the list of states that can be started",
            file=_VERDICT,
            pattern=_STARTABLE + "    if job.code not in request.start_when:\n",
            replacement="    if job.code not in (*request.start_when, JobCode.NOT_RUN):\n",
            plan=scenarios.quiet(),
            finding="a job that is NotRun must not be",
        ),
        Mutation(
            guard="the rule that force does not start a running job",
            file=_VERDICT,
            pattern="    if job.is_running:\n",
            replacement="    if job.is_running and not request.force:\n",
            plan=scenarios.quiet(),
            # The list of states that can be started does not let it pass either.
            finding="skipped/not_startable",
        ),
        Mutation(
            guard="what force is for",
            file=_VERDICT,
            pattern="    if not request.force:\n",
            replacement="    if True:\n",
            plan=scenarios.quiet(),
            finding="force overrides that",
        ),
        Mutation(
            guard="the list of applications that are allowed",
            file="shared/starting/start_job.py",
            pattern="    if not _is_allowed(request.job, settings):\n",
            replacement="    if False:\n",
            plan=scenarios.quiet(),
            finding="not on the list of those that are allowed",
        ),
        Mutation(
            guard="the check whether a start worked",
            file="shared/starting/start_job.py",
            pattern="_accepted(start, self._read_back(job, start))",
            replacement="_accepted(start, None)",
            plan=scenarios.quiet(),
            finding="it was not read after that, and no call had failed",
        ),
        Mutation(
            guard="the relapse among the fates",
            file="shared/recovery/fate.py",
            pattern="        return Reason.QUARANTINED_AGAIN\n",
            replacement="        return Reason.RUNNING_AGAIN\n",
            plan=scenarios.quiet(),
            finding="Untrue: recovered/running_again",
        ),
        Mutation(
            guard="the states that a request for all jobs passes on",
            file="shared/request/start_request.py",
            pattern="            request_id=derive_request_id(self.request_id, job_id),\n",
            replacement=(
                "            request_id=derive_request_id(self.request_id, job_id),\n"
                "            start_when=frozenset(STARTABLE),\n"
            ),
            plan=scenarios.narrowed(),
            finding="only Paused was asked for",
        ),
        Mutation(
            guard="the check of signatures",
            file="shared/intake/signatures.py",
            pattern="    if not any(matches):\n",
            replacement="    if False:\n",
            plan=scenarios.forged(),
            finding="An invalid request was accepted",
        ),
        Mutation(
            guard="the time-out of Graph",
            file="shared/graph/client.py",
            pattern="self._timeout = (CONNECT_TIMEOUT, settings.graph_timeout)",
            replacement="self._timeout = (CONNECT_TIMEOUT, 3600.0)",
            plan=scenarios.hanging(),
            finding="has no terminal event",
        ),
        Mutation(
            guard="the pause before a second start",
            file="shared/starting/start_job.py",
            pattern="case Unanswered(start) if moment - start.at < self._settings.second_start_after:",
            replacement="case Unanswered(start) if False:",
            plan=scenarios.shown_late(),
            finding="times in the quarantine since",
        ),
    ]
