"""The page as HTML, in parts that the script updates one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from local.page.actions import MAX_SUMMARY
from local.page.card_view import card_of
from local.page.markup import Html, html, join, keyed
from local.page.safety import TOKEN_FIELD
from local.page.senders import SENDERS
from local.page.story import Kind
from shared.mark import unmarked
from shared.notices.set_up import QUIET_OUTCOMES

if TYPE_CHECKING:
    from local.client.status_events import Event
    from local.client.told import Seen
    from local.page.actions import Done
    from local.page.observer import Job, Snapshot, Ticket
    from local.page.story import Moment, Story

STATIC: Final = Path(__file__).parent / "static"
MOST: Final = 40
"""How many requests, events and tickets are shown, the newest first."""

_FRAME: Final = (STATIC / "page.html").read_text(encoding="utf-8")

_STATES: Final = (
    ("quarantine", "Quarantine", "In quarantine; a start helps"),
    ("relapse", "Quarantine that returns", "In quarantine; after a start it comes back"),
    ("deletes", "Too many deletes", "In quarantine for deletions, which a person has to look at"),
    ("break", "Break the credentials", "In quarantine; the application refuses the credentials"),
    ("fix", "Fix the credentials", "The application accepts the credentials again"),
    ("pause", "Pause", "As a person pauses it"),
    ("run", "Let it run", "Active, without errors"),
)
_SYSTEMS: Final = {
    "servicenow": "ServiceNow",
    "jira": "Jira",
    "zendesk": "Zendesk",
    "freshservice": "Freshservice",
    "pagerduty": "PagerDuty",
    "teams": "Teams",
    "slack": "Slack",
    "webhook": "webhook",
}


def page(snapshot: Snapshot, token: str, done: Done | None, *, tells: bool) -> Html:
    """The whole page."""
    return html(
        _FRAME,
        said=said(done),
        jobs=join(_job(index, job, token) for index, job in enumerate(snapshot.jobs)),
        told=Html("" if tells else "<p>This system was started without stand-ins for chats and ticket systems.</p>"),
        **{name: content for name, content in parts(snapshot, token).items() if not name.startswith("job-")},
    )


def parts(snapshot: Snapshot, token: str) -> dict[str, Html]:
    """The parts that change, each by the id of its element."""
    return {
        "graph": _graph(snapshot, token),
        "stories": _list([_story(each) for each in snapshot.stories[-MOST:][::-1]], "request"),
        "events": _list(
            [_event(each, snapshot.told.get(each["id"], [])) for each in snapshot.events[-MOST:][::-1]],
            "event",
        ),
        "tickets": _list([_ticket(each) for each in snapshot.tickets[-MOST:][::-1]], "ticket"),
        **{f"job-{index}": _job_state(job) for index, job in enumerate(snapshot.jobs)},
    }


def jobs_shown(snapshot: Snapshot) -> list[str]:
    """The jobs that the page has elements for. If they change, the page must be loaded again."""
    return [f"{job.principal} {job.id}" for job in snapshot.jobs]


def said(done: Done | None) -> Html:
    """The result of the last button."""
    if done is None:
        return Html("")
    return html('<p class="{look}">{text}</p>', look="done" if done.ok else "refused", text=done.text)


def problem(text: str) -> Html:
    """The page for a system that cannot be reached."""
    return html(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Not up</title>'
        '<link rel="stylesheet" href="/static/page.css"><main><h1>A part of the system cannot be reached</h1>'
        "<p>{text}</p></main></html>",
        text=text,
    )


def _list(items: list[Html], thing: str) -> Html:
    if items:
        return join(items)
    return keyed("li", f"no-{thing}", html("No {thing} so far.", thing=thing), look="none")


def _token(token: str) -> Html:
    return html('<input type="hidden" name="{name}" value="{token}">', name=TOKEN_FIELD, token=token)


def _graph(snapshot: Snapshot, token: str) -> Html:
    down = snapshot.graph_is_down
    others = snapshot.other_faults
    text = "down: 503 to every call" if down else "up" if not others else f"up, with {others} faults to come"
    return html(
        '<form method="post" action="/graph">{token}<span class="state {look}">Microsoft Graph is {text}</span> '
        '<button id="graph-button" name="what" value="{what}">Take it {what}</button></form>',
        token=_token(token),
        look="bad" if down else "good" if not others else "waits",
        text=text,
        what="up" if down or others else "down",
    )


def _job(index: int, job: Job, token: str) -> Html:
    buttons = join(
        html(
            '<button id="job-{index}-{what}" name="what" value="{what}" title="{title}">{label}</button>',
            index=index,
            what=what,
            title=title,
            label=label,
        )
        for what, label, title in _STATES
    )
    choices = join(
        html('<option value="{value}">{name}</option>', value=value, name=sender.name)
        for value, sender in SENDERS.items()
    )
    return html(
        '<article class="job" aria-labelledby="job-{index}-name"><h3 id="job-{index}-name">{name}</h3>'
        '<p class="id">{job}</p><div id="job-{index}" class="live">{state}</div>'
        '<form method="post" action="/jobs" class="states">{token}{which}{buttons}</form>'
        '<form method="post" action="/requests" class="send">{token}{which}'
        '<label for="sender-{index}">Ask for a start by</label>'
        '<select id="sender-{index}" name="sender">{choices}</select>'
        '<label for="summary-{index}">which says</label>'
        '<input id="summary-{index}" name="summary" maxlength="{most}" autocomplete="off" '
        'placeholder="{name} is in quarantine">'
        '<button id="send-{index}" class="main">Send</button></form></article>',
        index=index,
        name=job.application,
        job=job.id,
        state=_job_state(job),
        token=_token(token),
        which=html(
            '<input type="hidden" name="principal" value="{principal}"><input type="hidden" name="job" value="{job}">',
            principal=job.principal,
            job=job.id,
        ),
        buttons=buttons,
        choices=choices,
        most=MAX_SUMMARY,
    )


def _job_state(job: Job) -> Html:
    status = _object(job.value.get("status"))
    code = str(status.get("code", "?"))
    quarantine = _object(status.get("quarantine"))
    look = {"Active": "good", "Quarantine": "bad", "Paused": "waits"}.get(code, "quiet")
    facts = []
    if code == "Quarantine":
        facts += [str(quarantine.get("reason", "")), f"since {_short(str(quarantine.get('seriesBegan', '')))}"]
    else:
        ran = _object(status.get("lastExecution"))
        facts += [f"last run: {ran['state']}"] if ran.get("state") else []
    if not job.credentials_work:
        facts.append("its credentials do not work")
    return html(
        '<p><span class="state {look}">{code}</span> {facts}</p>',
        look=look,
        code=code,
        facts=", ".join(fact for fact in facts if fact),
    )


def _object(value: object) -> dict[str, Any]:
    """The object in this property of a job. A job with given reads may have any value there."""
    return value if isinstance(value, dict) else {}


def _story(story: Story) -> Html:
    began = story.began
    moments = join(_moment(moment, began) for moment in story.moments)
    parent = html(' <span class="id">of {parent}</span>', parent=story.parent) if story.parent else Html("")
    return keyed(
        "li",
        f"story-{story.request_id}",
        html(
            '<h3>{application} <small>{by}</small></h3><ol>{moments}</ol><p class="id">Request {request}{parent}</p>',
            application=story.application or story.job_id or "A request",
            by=story.by,
            moments=moments,
            request=story.request_id,
            parent=parent,
        ),
        look="story",
    )


def _moment(moment: Moment, began: datetime) -> Html:
    if moment.kind is Kind.ACCEPTED and moment.time is not None:
        when = _clock(moment.time)
    else:
        after = ((moment.time or datetime.now(UTC)) - began).total_seconds()
        # For what has not happened yet, whole seconds, because the number changes while it is read.
        when = html("<time>+{after} s</time>", after=f"{after:.1f}" if moment.time else f"{after:.0f}")
    return html(
        '<li class="{kind}"><strong>{title}</strong> {when} <span>{detail}</span></li>',
        kind=moment.kind,
        title=moment.title,
        when=when,
        detail=moment.detail,
    )


def _event(event: Event, told: list[str]) -> Html:
    data = event["data"]
    head = html(
        '<p class="head">{clock} <span class="state {look}">{outcome}</span> {reason}</p>',
        clock=_clock(datetime.fromisoformat(event["time"])),
        look=data["outcome"],
        outcome=data["outcome"],
        reason=data.get("reason", ""),
    )
    if data["outcome"] in QUIET_OUTCOMES and not told:
        body = html(
            '<p>{message}</p><p class="id">No notice is sent for this event.</p>', message=unmarked(data["message"])
        )
    else:
        places = sorted({_place(each) for each in told})
        body = html(
            '<div class="card">{card}</div><p class="id">{told}</p>',
            card=card_of(event),
            told=f"Told: {', '.join(places)}" if places else "The card for chats; it was not sent yet.",
        )
    return keyed("li", f"event-{event['id']}", html("{head}{body}", head=head, body=body), look="event")


def _ticket(ticket: Ticket) -> Html:
    notes = join(_note(note) for note in ticket.notes)
    return keyed(
        "li",
        f"ticket-{ticket.target}-{ticket.number}",
        html(
            "<h3>{system} {number} <small>{summary}</small></h3>{notes}",
            system=_SYSTEMS.get(ticket.target, ticket.target),
            number=ticket.number,
            summary=ticket.summary,
            notes=notes or Html('<p class="id">No note so far.</p>'),
        ),
        look="ticket",
    )


def _note(note: Seen) -> Html:
    lines = join(html("<p>{line}</p>", line=line) for line in note.text.splitlines())
    return html(
        '<div class="note"><p class="id">{who}</p>{lines}</div>',
        who="Internal note" if note.private else "Note that the customer sees",
        lines=lines,
    )


def _place(text: str) -> str:
    target, _, rest = text.partition(" ")
    return f"{_SYSTEMS.get(target, target)} {rest}".strip()


def _clock(time: datetime) -> Html:
    local = time.astimezone()
    return html(
        '<time datetime="{full}">{short}</time>', full=time.astimezone(UTC).isoformat(), short=f"{local:%H:%M:%S}"
    )


def _short(time: str) -> str:
    """A time of Graph's to the minute, or the text unchanged if it is not such a time."""
    return time[:16].replace("T", " ") + " UTC" if len(time) > 16 else time
