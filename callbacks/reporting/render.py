"""The figures as lines of plain text: what `callbacks report` prints and what supervisors get each month."""

from collections.abc import Iterator

from callbacks.emergency.model import ref_of
from callbacks.lib.percentiles import Rate, wilson
from callbacks.messages.wording import length
from callbacks.reporting.compliance import Figures

MOST_MISSES = 20


def report_text(f: Figures, address: str) -> str:
    """The month's mail: the rates with n and interval, the times, the misses by reference, the page's address."""
    return "\n".join([*_lines(f), "", f"All of it, with a sentence on each miss: {address}"])


def _lines(f: Figures) -> Iterator[str]:
    yield f"Callbacks, {f.first} to {f.last}: {f.n} {'emergency' if f.n == 1 else 'emergencies'}."
    yield "Promise kept (met of met and missed): " + rate_text(f.whole.published)
    yield "The same with void counted against us: " + rate_text(f.whole.strict)
    yield ", ".join(f"{count} {name}" for name, count in f.counts.items()) + "."
    if f.our_outage:
        yield f"{f.our_outage} of the missed while we were down; they count as missed."
    yield "Resolved or worked around in time: " + rate_text(f.resolved)
    for name, s in f.times.items():
        if s.n:
            spread = f"half within {length(s.p50)}, nine of ten within {length(s.p90)}, slowest {length(s.slowest)}"
            yield f"To {name.replace('_', ' ')}: {spread} (n = {s.n})."
    refs = [ref_of(number) for number in f.misses]
    if refs:
        more = f" and {len(refs) - MOST_MISSES} more" if len(refs) > MOST_MISSES else ""
        yield f"Missed: {', '.join(refs[:MOST_MISSES])}{more}."


def rate_text(r: Rate) -> str:
    """57 of 60, 95.0 % (95 % interval 86.3 to 98.3 %); no percentage where it would say more than is known."""
    exact = wilson(r.part, r.whole)
    if exact is None:
        return "no cases yet (n = 0)"
    low, high = (f"{end * 100:.1f}" for end in exact)
    shown = f"{r.part} of {r.whole}" if r.is_small else f"{r.part} of {r.whole}, {r.part / r.whole * 100:.1f} %"
    return f"{shown} (95 % interval {low} to {high} %)"
