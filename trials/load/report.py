"""The figures of a run as text, and whether they are within their limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trials.load.run import Part, Result, Size

MEMORY_MAY_GROW: Final = 0.10
COST_MAY_GROW: Final = 0.20
"""By how much the end of a run may exceed its beginning. Even CPU time varies if other programs use the same cores."""

REFUSED: Final = 0.20
OVER_LIMIT: Final = 1.3
"""The share of calls that Graph may throttle, and how much longer the run may take than Graph's limit requires."""

HEADING: Final = "   part  requests/s  p50 ms  p99 ms  CPU ms/event  memory MiB"

_SMOOTHED: Final = 3
_MIB: Final = 1024 * 1024


def row(number: int, part: Part) -> str:
    """A part as a line below HEADING."""
    speed, cpu = part.requests / part.seconds, 1000 * part.cpu_seconds / part.requests
    p50, p99 = (1000 * _percentile(part.latencies, share) for share in (0.5, 0.99))
    return f"  {number:5} {speed:11.1f} {p50:7.0f} {p99:7.0f} {cpu:13.2f} {part.memory / _MIB:11.1f}"


def summary(result: Result) -> Iterator[str]:
    """The whole run in sentences."""
    parts = result.parts
    requests, seconds = sum(part.requests for part in parts), sum(part.seconds for part in parts)
    latencies = sorted(latency for part in parts for latency in part.latencies)
    p50, p99 = (1000 * _percentile(latencies, share) for share in (0.5, 0.99))
    yield f"{requests} requests in {seconds:.0f} s: {requests / seconds:.1f} requests/s."
    yield f"From acceptance to status event: p50 {p50:.0f} ms, p99 {p99:.0f} ms."
    yield f"Peak memory of the host: {result.peak_memory / _MIB:.1f} MiB."
    busy = ", ".join(f"{name} {share:.0%}" for name, share in result.busy.items())
    yield f"Of a core, on average: {busy}."


def verdicts(result: Result, size: Size) -> Iterator[tuple[bool, str]]:
    """Each limit as a sentence, and whether the run meets it."""
    lost = sum(part.lost for part in result.parts)
    yield not lost, f"lost: {lost or 'none'}"
    if size.writes is not None:
        yield from _limited(result, size, size.writes)
        return
    first, last = result.parts[0], result.parts[-1]
    memory = last.memory / first.memory - 1
    yield memory <= MEMORY_MAY_GROW, f"memory of the last tenth against the first: {memory:+.1%}"
    cost = _cost(result.parts[-_SMOOTHED:]) / _cost(result.parts[:_SMOOTHED]) - 1
    yield cost <= COST_MAY_GROW, f"CPU time per event of the last three tenths against the first three: {cost:+.1%}"


def _limited(result: Result, size: Size, writes: int) -> Iterator[tuple[bool, str]]:
    """The limits of a run in which Graph limits writes."""
    requests = sum(part.requests for part in result.parts)
    yield result.started == requests, f"started: {result.started} of {requests}"
    refused = result.refused / result.calls
    yield refused <= REFUSED, f"refused calls: {result.refused} of {result.calls}, {refused:.1%}"
    # At Graph's rate. The writes of the first window may come faster, so that a run may be shorter.
    allowed = requests / writes * size.window_seconds
    yield (
        result.seconds <= OVER_LIMIT * allowed,
        f"time: {result.seconds / allowed:.2f} of the {allowed:.0f} s of the limit",
    )


def _cost(parts: Sequence[Part]) -> float:
    """CPU time per event over several parts, because other work on the machine makes single parts vary."""
    return sum(part.cpu_seconds for part in parts) / sum(part.requests for part in parts)


def _percentile(latencies: Sequence[float], share: float) -> float:
    return latencies[min(len(latencies) - 1, int(share * len(latencies)))] if latencies else 0.0
