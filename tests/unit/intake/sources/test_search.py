"""What the search finds in a payload, and what it ignores although it names a job."""

from __future__ import annotations

import base64
import html
import json
from typing import Any
from urllib.parse import quote

import pytest

from shared.intake.sources.before import tells_of_before
from shared.intake.sources.cut import LIMITS
from shared.intake.sources.fields import clean, label
from shared.intake.sources.search import has_mark, search
from shared.mark import say
from shared.request.reference import JobReference
from tests.examples import APP_ID, JOB, PRINCIPAL

PATH = f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB}"
URL = f"https://graph.microsoft.com/v1.0/{PATH}"
IDS = {"servicePrincipalId": PRINCIPAL, "jobId": JOB}
NAMED = (JobReference(PRINCIPAL, None, JOB),)


def found(value: Any, **how: Any) -> tuple[JobReference, ...]:
    return search(value, **how)[0].jobs


def reasons(value: Any) -> list[str]:
    return [fault.detail for fault in search(value)[0].faults]


@pytest.mark.parametrize(
    "value",
    [
        html.escape(URL),
        URL.replace("/", "&#x2F;"),
        f"https://eur01.safelinks.protection.outlook.com/?url={quote(URL, safe='')}&data=x",
        URL.replace("/", "\\/").join('""') and json.dumps([URL]).replace("/", "\\/"),
        f"servicePrincipals(&#39;{PRINCIPAL}&#39;)/synchronization/jobs(&#39;{JOB}&#39;)",
        {"x": json.dumps({"y": json.dumps({"z": json.dumps(IDS)})})},
        {"x": json.dumps({"ServicePrincipalId": [PRINCIPAL], "JobId": [JOB]})},
        {"ServicePrincipalId": json.dumps([PRINCIPAL]), "JobId": json.dumps([JOB])},
        {"service_principal_id": PRINCIPAL, "job_id": JOB},
        {"Service principal id": f"\u200b{PRINCIPAL}\u00a0", "Job ID": f"{JOB} "},
        {"servicePrincipalId": {"value": PRINCIPAL}, "jobId": {"value": JOB}},
        [{"name": "servicePrincipalId", "value": PRINCIPAL}, {"name": "other"}, {"name": "jobId", "value": JOB}],
        [{"key": "Service Principal ID", "text": PRINCIPAL}, {"key": "Job ID", "text": JOB}],
        {"a": {"label": "service_principal_id", "value": PRINCIPAL}, "b": {"label": "job_id", "value": [JOB]}},
        [
            {"id": "appId", "value": "null"},
            {"id": "serviceprincipalid", "value": PRINCIPAL},
            {"id": "jobid", "value": JOB},
        ],
    ],
)
def test_a_job_is_found_however_it_is_written(value: Any) -> None:
    assert found(value) == NAMED


def test_pairs_of_several_jobs_stay_together() -> None:
    pairs = [{"name": name, "value": value} for job in "ab" for name, value in (("appId", APP_ID), ("jobId", job))]
    assert found(pairs) == (JobReference(None, APP_ID, "a"), JobReference(None, APP_ID, "b"))


def test_lists_of_ids_belong_together() -> None:
    others = [PRINCIPAL, APP_ID]
    assert found({"servicePrincipalId": PRINCIPAL, "jobId": ["a", "b"]}) == tuple(
        JobReference(PRINCIPAL, None, job) for job in "ab"
    )
    assert found({"servicePrincipalId": others, "jobId": ["a", "b"]}) == tuple(
        JobReference(principal, None, job) for principal, job in zip(others, "ab", strict=True)
    )
    assert reasons({"servicePrincipalId": others, "jobId": ["a", "b", "c"]}) == [
        "lists 3 job ids for 2 applications; which belong together?"
    ]


@pytest.mark.parametrize(
    "value",
    [
        {"app_id": 12, "job_id": 7},
        {"app_id": "my-app", "job_id": "build-7"},
        [{"name": "jobId", "value": JOB}],
        {"appId": APP_ID},
        json.dumps({"jobId": JOB}),
        "{servicePrincipalId",
        '{"servicePrincipalId": ',
    ],
)
def test_ids_of_other_things_are_no_reference(value: Any) -> None:
    references, _ = search(value)
    assert (references.jobs, references.faults) == ((), ())


def test_an_application_is_ignored_if_one_of_its_jobs_is_named() -> None:
    other = JobReference(service_principal_id=APP_ID)
    assert found([{"servicePrincipalId": PRINCIPAL}, {"servicePrincipalId": APP_ID}, PATH]) == (other, *NAMED)


@pytest.mark.parametrize(
    "name",
    """from fromString from_string previous previousValue previous_attributes old oldValue old_value OldDescription
    before valueBefore value_before prior prev_value was original original_value removed deleted
    former_title""".split(),  # noqa: SIM905
)
def test_fields_of_an_earlier_state_are_not_searched(name: str) -> None:
    assert tells_of_before(name)
    assert found({"changes": [{name: PATH, "toString": "gone"}], "x": {name: IDS}}) == ()


@pytest.mark.parametrize(
    "name", ["to", "toString", "household", "threshold", "form", "fromage", "value", "", "x" * 500]
)
def test_fields_of_the_current_state_are_searched(name: str) -> None:
    assert not tells_of_before(name)
    assert found({name: PATH}) == NAMED


@pytest.mark.parametrize("length", sorted(LIMITS))
def test_a_path_at_the_end_of_a_text_of_a_known_length_is_cut(length: int) -> None:
    padding = max(0, length - len(PATH)) * "x"
    text = f"{padding[:-1]} {PATH}"[-length:] if padding else PATH[:length]
    assert len(text) == length
    assert found(text) == ()
    assert len(reasons(text)) == 1
    if padding and length + 1 not in LIMITS:
        assert found(f"{text}.") == NAMED


def test_units_of_utf_16_count() -> None:
    text = "\U0001f4a5" * 50 + "x" * (256 - 101 - len(PATH)) + " " + PATH
    assert (len(text), found(text)) == (206, ())


@pytest.mark.parametrize("end", ["…", "...", " [...]", "\u2026 "])
def test_an_ellipsis_says_that_a_path_is_cut(end: str) -> None:
    assert found(PATH[:-9] + end) == ()
    assert reasons(PATH[:-9] + end)


def test_a_full_stop_does_not_cut_a_path() -> None:
    assert found(f"Start {PATH}.") == found(f"{PATH}... please, at once, today") == NAMED


ADF: Any = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": PATH}]}],
}
MARKED: Any = {
    **ADF,
    "content": [{"content": [{"text": "start-job-"}, {"text": "function"}, {"text": f" says: {PATH}"}]}],
}


def test_the_apps_own_words_are_left_out_and_others_kept() -> None:
    said = say(f"Graph does not know {PATH}.")
    event = {"type": "EntraProvisioning.SynchronizationJob.StartFailed", "subject": PATH}
    own_words_of_any_form: list[Any] = [said, f"<p>{said}</p>", MARKED, {"x": [MARKED]}, event]
    for own in own_words_of_any_form:
        references, own_words = search({"comments": [own]})
        assert (references.jobs, own_words) == ((), True)
        assert found({"comments": [own, PATH]}) == NAMED
    assert found({"comments": [MARKED, ADF]}) == NAMED
    assert has_mark(MARKED)
    assert not has_mark(ADF)


@pytest.mark.parametrize(
    "author",
    [
        {"author": {"accountType": "app"}},
        {"updateAuthor": {"accountType": "app"}},
        {"user": {"type": "Bot"}},
        {"sender": {"type": "bot"}},
        {"actor": {"is_bot": True}},
    ],
)
def test_what_a_bot_wrote_is_left_out(author: dict[str, Any]) -> None:
    assert found({"comments": [{**author, "body": PATH}]}) == ()
    assert (
        found({"comments": [{**author, "body": "x"}, {"author": {"accountType": "atlassian"}, "body": PATH}]}) == NAMED
    )


@pytest.mark.parametrize(
    "over", [{"status": "resolved"}, {"state": "ok"}, {"status": "Recovered"}, {"state": "Closed"}]
)
def test_alerts_that_are_over_are_left_out_where_the_source_says_so(over: dict[str, str]) -> None:
    alerts = {"alerts": [{**over, "labels": IDS}]}
    assert found(alerts) == NAMED
    assert found(alerts, over_is_searched=False) == ()


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        (" a\u00a0", "a"),
        ("\u200b\ufeffa b\r\n", "a b"),
        ("", None),
        (" \u00a0\t", None),
        ("null", None),
        (" Undefined ", None),
        ("none", "none"),
        (7, 7),
        (None, None),
    ],
)
def test_blanks_and_the_words_for_nothing(value: Any, cleaned: Any) -> None:
    assert clean(value) == cleaned


@pytest.mark.parametrize(("value", "text"), [(7, "7"), (1.5, "1.5"), (True, None), ([], None), (" x ", "x")])
def test_a_number_is_a_label_too(value: Any, text: str | None) -> None:
    assert label({"a": value}, "a") == text


def test_base64_is_not_searched() -> None:
    assert found(base64.b64encode(PATH.encode()).decode()) == ()
