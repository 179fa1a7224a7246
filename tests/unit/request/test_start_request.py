"""Start requests: one for each job, and the ids that are made of what is known."""

from __future__ import annotations

from shared.request.reference import JobReference
from shared.request.start_request import derive_request_id
from tests.examples import APP_ID, JOB, REQUEST_ID, start_request


def test_request_for_a_job_keeps_all_but_its_id() -> None:
    parent = start_request(job=JobReference(app_id=APP_ID), dry_run=True)
    child = parent.for_job(JOB)
    assert child.job == JobReference(app_id=APP_ID, job_id=JOB)
    assert (child.parent_request_id, child.dry_run, child.requested_by) == (REQUEST_ID, True, parent.requested_by)
    assert child.request_id == parent.for_job(JOB).request_id != parent.for_job("other").request_id


def test_derived_ids_keep_parts_apart() -> None:
    assert derive_request_id("ab", "c") != derive_request_id("a", "bc")


def test_an_id_is_derived_of_text_that_utf_8_has_no_bytes_for() -> None:
    assert derive_request_id("\ud83d") != derive_request_id("\ude00")
