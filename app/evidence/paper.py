"""The story as a document: sections of sentences and tables, in one language, as one page to read or print."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlmodel import Session

from app.runtime import HERE
from app.web.base.language import outcome_name, say
from app.web.emergency.detail import TOLD_BY, Story, page_rows, state_of
from app.web.emergency.story import chapter, slug
from callbacks.delivery.outbox_row import OutboxKind
from callbacks.emergency import promise
from callbacks.emergency.model import Evidence
from callbacks.messages import wording
from callbacks.reporting.record import record
from callbacks.store import outbox

Json = dict[str, Any]


def document(session: Session, story: Story, zone: str, language: str) -> Json:
    """Everything a reader needs, as texts. Judged as of the last fact."""
    writer = Writer(story, zone, language)
    say_ = writer.say
    return {
        "language": language,
        "title": f"{story.e.ref}: {say_('evidence')}",
        "lead": writer.lead(),
        "facts": writer.in_short(),
        "sections": [writer.pages(), writer.attempts(), writer.times(), writer.told(session), writer.facts()],
    }


def as_html(data: Mapping[str, Any]) -> bytes:
    """The same as one page that needs nothing else: no script, no address, every text escaped."""
    env = Environment(loader=FileSystemLoader(HERE / "evidence"), autoescape=True, undefined=StrictUndefined)
    return env.get_template("story.html").render(d=data).encode("utf-8", "replace")


class Writer:
    """Texts of one emergency in one language and time zone."""

    def __init__(self, story: Story, zone: str, language: str) -> None:
        self.story, self.zone, self.language = story, zone, language
        self.as_of = story.entries[-1].recorded_at
        self.record = record(story.e, self.as_of)

    def say(self, words: str, **facts: Any) -> str:
        return say(self.language, words, **facts)

    def clock(self, at: datetime | str | None) -> str:
        """Day and time to the second, on the wall."""
        if at is None:
            return ""
        known = datetime.fromisoformat(at) if isinstance(at, str) else at
        return f"{wording.local_date(known, self.zone)[:10]} {wording.local_clock(known, self.zone)}"

    def lead(self) -> list[str]:
        e, verdict = self.story.e, promise.judge(self.story.e, self.as_of)
        evidence = (
            f", {self.say('evidence:')} {self.say(verdict.evidence)}" if verdict.evidence != Evidence.NONE else ""
        )
        return [
            f"{self.say(outcome_name(verdict.outcome))}{evidence}",
            wording.explain(verdict, self.language),
            self.say("As of the last event, %(at)s. Times are in %(zone)s.", at=self.clock(self.as_of), zone=self.zone),
            self.say("Head of the chain: %(hash)s", hash=self.story.entries[-1].hash),
            *([f"{self.say('Excluded')}: {e.excluded_why}"] if e.excluded_why else []),
        ]

    def in_short(self) -> list[list[str]]:
        e, say_ = self.story.e, self.say
        number = e.number or say_("number withheld" if e.withheld else "number not known yet")
        second = self.record["resolution"]
        return [
            [say_("Customer"), ", ".join(x for x in (e.name, e.company, number) if x)],
            [say_("Called"), self.clock(e.call_started_at)],
            [say_("Call back by"), self.clock(promise.due_at(e))],
            [say_("Priority"), e.priority],
            [say_("State"), say_(self.record["state"])],
            [say_("Who has it"), e.owner or say_("nobody yet")],
            [say_("Resolve by"), f"{self.clock(second['due_at'])}, {say_(second['outcome'])}"],
            [say_("Coverage"), ", ".join(x for x in (e.product, self.word(e.coverage)) if x) or say_("not set yet")],
        ]

    def word(self, fact: str | None) -> str:
        return slug(self.language, fact or "")

    def section(self, title: str, head: list[str], rows: list[list[str]], note: str = "") -> Json:
        return {"title": self.say(title), "head": [self.say(h) for h in head], "rows": rows, "note": note}

    def pages(self) -> Json:
        rows = [
            [
                r.page.person,
                self.word(r.page.channel),
                self.clock(r.page.requested_at),
                self.clock(r.page.sent_at),
                self.clock(r.page.delivered_at),
                f"{self.clock(r.page.failed_at)} {self.word(r.page.why)}".strip(),
                " ".join(x for x in (self.say("key %(key)s", key=r.page.key) if r.page.key else "", r.answer) if x),
            ]
            for r in page_rows(self.story, self.zone, self.language)
        ]
        head = ["To", "By", "Requested", "Sent", "Delivered", "Failed", "Answer"]
        return self.section("Pages", head, rows, "" if rows else self.say("Nobody was paged."))

    def attempts(self) -> Json:
        rows = [
            [self.clock(a["at"]), a["by"], self.word(a["result"]), f"{a['talk_seconds']} s"]
            for a in self.record["attempts"]
        ]
        none = "" if rows else self.say("No attempt to call the customer yet.")
        return self.section("Attempts", ["At", "By", "Result", "Talk"], rows, none)

    def times(self) -> Json:
        rows = [
            [
                self.say(name.replace("_", " ")),
                self.clock(m["at"]) or self.say("not yet"),
                self.say(m["source"]) if m["source"] else "",
            ]
            for name, m in self.record["times"].items()
        ]
        clocks = self.record["clocks"]
        both = "; ".join(
            f"{self.say(f'from the {name}')}: {self.clock(clocks[name]['due_at'])}, "
            f"{self.say(outcome_name(clocks[name]['outcome']))}"
            for name in ("call", "message")
        )
        decides = self.say(f"The policy counts from the {clocks['decides']}.")
        return self.section("The seven timestamps", ["What", "At", "Source"], rows, f"{both}. {decides}")

    def told(self, session: Session) -> Json:
        rows = []
        for row in outbox.about(session, self.story.id):
            if row.kind in TOLD_BY:
                whom = self.say("the customer" if row.kind == OutboxKind.CUSTOMER_TEXT else "the notification channels")
                words = row.text or self.say("erased")
                rows.append([self.clock(row.created_at), row.person or whom, words, self.say(state_of(row))])
        none = "" if rows else self.say("No notifications beyond the pages above.")
        return self.section("Notifications", ["At", "To", "Words", "State"], rows, none)

    def facts(self) -> Json:
        told = zip(self.story.entries, self.story.events, strict=True)
        chapters = [(entry, chapter(entry, event, self.zone, self.language)) for entry, event in told]
        rows = [
            [
                str(c.seq),
                self.clock(entry.at),
                f"{c.line}: « {c.words} »" if c.words else c.line,
                c.source,
                self.clock(entry.recorded_at),
                c.hash[:12],
            ]
            for entry, c in chapters
        ]
        return self.section("Story", ["No.", "At", "What", "Source", "Recorded", "Hash"], rows)
