"""One ZIP: the story as a page and as JSON, the audio, what came with texts, the carrier's records, the chain, and how
to verify it all.

- The bytes follow from what is stored, and from nothing else: the same ledger gives the same pack. What has a verdict
  is judged as of the last fact.
- `HOW-TO-VERIFY.txt` and `verify.py` need none of our software.
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.api.emergencies import STAFFS, ending_of, ledger_item
from app.auth.guard import page
from app.auth.rights import Principal
from app.runtime import HERE, App, AppDep
from app.web.base.language import language_of, outcome_name, say
from app.web.emergency.detail import TOLD_BY, Story, page_rows, read_story, state_of
from app.web.emergency.story import chapter, slug
from callbacks.delivery.delivery_policy import Source
from callbacks.delivery.outbox_row import OutboxKind
from callbacks.emergency import promise
from callbacks.emergency.model import Evidence
from callbacks.engine.intake.recordings import attachment_path, is_recording_sid, path_of
from callbacks.lib.phone import mask
from callbacks.lib.wallclock import rfc3339
from callbacks.messages import wording
from callbacks.reporting.record import record
from callbacks.store.ledger import GENESIS
from callbacks.store.rows import CarrierRow, Entry, OutboxRow, ReceivedRow
from callbacks.store.sql import carrier, outbox, received
from callbacks.store.sql.ledger import raw_facts
from callbacks.store.sql.transaction import Transaction

# The carrier's side of an emergency: calls and messages by SID, its reports as they came, and what we asked of it.
#
# No secret is in it: reports are kept without their signature, and links into our pages are taken out of texts. Nor
# is anything about another emergency: a text of staff is judged by what it was found to be about when it came.
# Private numbers of staff are masked.

OURS_ALONE = {"owner", "fence", "lease_until", "absent_from", "recording_sid", "subscription_id", "payload"}
BEFORE = timedelta(minutes=10)
AFTER = timedelta(hours=1)
MOST_REPORTS = 5000
Json = dict[str, Any]


def carriers_records(session: Transaction, story: Story, public_url: str) -> Json:
    """Everything that the carrier told us or took from us for this emergency."""
    put_out = outbox.about(session, story.id)
    sids = _sids(story) | {row.sid for row in put_out if row.sid}
    rows = carrier.of_emergency(session, story.id, sids)
    sids |= {row.sid for row in rows}
    since, until = story.e.call_started_at - BEFORE, story.entries[-1].recorded_at + AFTER
    theirs = f'["From", "{story.e.number}"]' if story.e.number else None
    marks = [*sorted(sids), *([theirs] if theirs else [])]
    candidates = received.reports(session, story.id, since, until, marks, MOST_REPORTS)
    found = [row for row in candidates if _is_about(row, story.id, sids, theirs)]
    records: Json = {
        "calls_and_messages": [_plain(row) for row in rows],
        "outbox": [_asked(row, public_url) for row in put_out],
        "reports": [_report(row, public_url) for row in found],
        "reports_from": rfc3339(since),
        "reports_until": rfc3339(until),
    }
    return _masked(records, _staff_numbers(session, story, put_out))


def _staff_numbers(session: Transaction, story: Story, put_out: Sequence[OutboxRow]) -> set[str]:
    """Private numbers of people of ours: where they were paged, and where the roster has them now."""
    paged = {row.number for row in put_out if row.person and row.number}
    paged |= {str(x.private["number"]) for x in story.entries if x.kind in STAFFS and x.private}
    return (paged | {p.phone for p in session.people.current_roster().people}) - {story.e.number}


def _masked(records: Json, numbers: Iterable[str]) -> Json:
    """Every number, with its plus sign and without, in any field."""
    text = json.dumps(records, ensure_ascii=False)
    for number in numbers:
        text = text.replace(number, mask(number)).replace(number.removeprefix("+"), mask(number))
    masked: Json = json.loads(text)
    return masked


def _sids(story: Story) -> set[str]:
    """SIDs that the ledger itself names."""
    names = ("call_sid", "recording_sid", "sid")
    return {str(x.body[name]) for x in story.entries for name in names if x.body.get(name)}


def _is_about(row: ReceivedRow, emergency_id: int, sids: set[str], theirs: str | None) -> bool:
    """A report on one of its calls and messages, a text that was about it, or one of its customer."""
    if row.emergency_id is not None:
        return row.emergency_id == emergency_id
    if any(sid in row.form for sid in sids):
        return True
    return row.source == Source.SMS and theirs is not None and theirs in row.form


def _plain(row: CarrierRow) -> Json:
    return {k: v for k, v in _dumped(asdict(row)).items() if k != "emergency_id"}


def _asked(row: OutboxRow, public_url: str) -> Json:
    shown = {k: v for k, v in _dumped(asdict(row)).items() if k not in OURS_ALONE}
    return shown | {"text": without_links(row.text, public_url), "about": json.loads(row.payload)}


def _report(row: ReceivedRow, public_url: str) -> Json:
    """The form's pairs in their order; a form that was cut off stands as its text."""
    text = without_links(row.form, public_url) or ""
    try:
        form: Any = json.loads(text)
    except ValueError:
        form = text
    return {
        "at": rfc3339(row.at),
        "source": row.source,
        "external_id": row.external_id,
        "form": form,
        "note": row.mark or row.note,
    }


def _dumped(row: Json) -> Json:
    return {k: rfc3339(v) if hasattr(v, "isoformat") else v for k, v in sorted(row.items())}


def without_links(text: str | None, public_url: str) -> str | None:
    """The text without addresses into our own pages: whoever has a technician's link may act."""
    if text is None:
        return None
    host = re.escape(public_url.rstrip("/").partition("://")[2])
    return re.sub(rf'(?:https?://)?{host}/[^\s"\\]+', "[link]", text)


MOST_AUDIO = 10 * 1024 * 1024
MOST_AUDIO_IN_ALL = 64 * 1024 * 1024
RECORDED = "RecordingStored"
ATTACHED = "AttachmentStored"


@dataclass(frozen=True, slots=True)
class Pack:
    """The ZIP's bytes, their SHA-256, the emergency, and the name to keep it under."""

    ref: str
    name: str
    content: bytes
    sha256: str


def pack(session: Transaction, story: Story, data_dir: Path, public_url: str, zone: str, language: str) -> Pack:
    """The evidence of one emergency; its words are in `language`, its times in `zone` and UTC."""
    heard, left_out = _stored(story, data_dir)
    chain = _chain(session, story.id)
    files: dict[str, bytes] = {
        "chain.json": _json(chain),
        "carrier.json": _json(carriers_records(session, story, public_url)),
        "story.json": _json(_story(story, chain)),
        "story.html": as_html(document(session, story, zone, language)),
        "verify.py": (HERE / "evidence" / "verify.py").read_bytes(),
        "HOW-TO-VERIFY.txt": (HERE / "evidence" / "HOW-TO-VERIFY.txt").read_bytes(),
        **heard,
    }
    files["manifest.json"] = _json(_manifest(story, chain["head"], files, left_out))
    files["SHA256SUMS"] = "".join(f"{_sha(files[name])}  {name}\n" for name in sorted(files)).encode()
    zipped = _zipped(files)
    return Pack(story.e.ref, f"{story.e.ref}-evidence.zip", zipped, _sha(zipped))


def _story(story: Story, chain: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the API says of it, as of the last fact; each fact as it stands in the chain."""
    bodies = [json.loads(fact["body"])["body"] for fact in chain["facts"]]
    as_of = story.entries[-1].recorded_at
    return {
        **record(story.e, as_of).shown(),
        "as_of": rfc3339(as_of),
        "ledger": [ledger_item(_shown(x, body)) for x, body in zip(story.entries, bodies, strict=True)],
    }


def _shown(entry: Entry, body: dict[str, Any]) -> Entry:
    """The fact without a private number of ours."""
    return replace(entry, body=body, private=None if entry.kind in STAFFS else entry.private)


def _chain(session: Transaction, emergency_id: int) -> dict[str, Any]:
    facts, previous = [], GENESIS
    for fact in raw_facts(session, emergency_id):
        is_staffs = json.loads(fact.body)["kind"] in STAFFS
        salt, hidden = (None, None) if is_staffs else (fact.salt, fact.private)
        facts.append(
            {
                "seq": fact.seq,
                "previous": previous,
                "body": fact.body,
                "hash": fact.hash,
                "salt": salt,
                "private": hidden,
            }
        )
        previous = fact.hash
    return {"genesis": GENESIS, "head": previous, "facts": facts}


def _stored(story: Story, data_dir: Path) -> tuple[dict[str, bytes], list[dict[str, str]]]:
    """Every recording and attachment that was stored, by its name in the pack; and what is left out, with why."""
    found: dict[str, bytes] = {}
    left_out, room = [], MOST_AUDIO_IN_ALL
    for name, path in _places(story, data_dir).items():
        if path is None or not path.is_file():
            left_out.append({"file": name, "why": "It is not stored any more."})
        elif path.stat().st_size > min(MOST_AUDIO, room):
            left_out.append({"file": name, "why": "It is larger than a pack takes; copy it from its page."})
        else:
            found[name] = path.read_bytes()
            room -= len(found[name])
    return found, left_out


def _places(story: Story, data_dir: Path) -> dict[str, Path | None]:
    """Where each lies, recordings first, by its name in the pack."""
    audio: dict[str, Path | None] = {}
    attached: dict[str, Path | None] = {}
    for x in story.entries:
        if x.kind == RECORDED:
            sid = x.body["recording_sid"]
            audio[f"audio/{sid}.wav"] = path_of(data_dir, sid) if is_recording_sid(sid) else None
        elif x.kind == ATTACHED:
            sid, ending = x.body["media_sid"], ending_of(x.body["content_type"])
            attached[f"attachments/{sid}{ending}"] = attachment_path(data_dir, sid)
    return audio | attached


def _manifest(story: Story, head: str, files: Mapping[str, bytes], left_out: list[dict[str, str]]) -> Mapping[str, Any]:
    return {
        "ref": story.e.ref,
        "as_of": rfc3339(story.entries[-1].recorded_at),
        "facts": len(story.entries),
        "head": head,
        "files": {name: {"sha256": _sha(files[name]), "bytes": len(files[name])} for name in sorted(files)},
        "left_out": left_out,
    }


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """The same bytes for the same files: names in order, one fixed time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(info, files[name])
    return out.getvalue()


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# The story as a document: sections of sentences and tables, in one language, as one page to read or print.


def document(session: Transaction, story: Story, zone: str, language: str) -> Json:
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
        self.record = record(story.e, self.as_of).shown()

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

    def told(self, session: Transaction) -> Json:
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


# Takes the evidence of one emergency along: one ZIP, and a line in the audit list.

router = APIRouter(include_in_schema=False)
Exporter = Annotated[Principal, Depends(page("emergency.export"))]
EXPORTED = "evidence.exported"


@router.get("/emergencies/{ref}/evidence.zip")
def download(ref: str, request: Request, app: AppDep, who: Exporter) -> Response:
    """The pack, in the visitor's language. Raises 404."""
    language = language_of(request, who.language)
    with app.database.read() as session:
        story = read_story(session, who, "emergency.export", ref)
        zone = app.context.duty(session).roster.timezone
        made = pack(session, story, app.context.data_dir, app.settings.public_url, zone, language)
    _note(app, who, made)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "private, no-store"}
    return Response(made.content, media_type="application/zip", headers=headers)


def _note(app: App, who: Principal, made: Pack) -> None:
    """Who took which pack along."""
    with app.database.write() as session:
        session.audits.put(app.context.clock.now(), who.name, who.via, EXPORTED, made.ref, sha256=made.sha256)
