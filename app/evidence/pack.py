"""One ZIP: the story on paper and as JSON, the audio, what came with texts, the carrier's records, the chain, and how
to verify it all.

- The bytes follow from what is stored, and from nothing else: the same ledger gives the same pack. What has a verdict
  is judged as of the last fact.
- `HOW-TO-VERIFY.txt` and `verify.py` need none of our software.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlmodel import Session

from app import pdf
from app.api.attachments import ending_of
from app.api.emergencies import STAFFS, ledger_item
from app.evidence.paper import as_html, document
from app.evidence.records import carriers_records
from app.pages.emergency_view import Story
from callbacks.engine.intake.recordings import attachment_path, is_recording_sid, path_of
from callbacks.reporting.record import record, rfc3339
from callbacks.store import evidence, ledger
from callbacks.store.ledger import GENESIS

HERE = Path(__file__).parent
MOST_AUDIO, MOST_AUDIO_IN_ALL = 10 * 1024 * 1024, 64 * 1024 * 1024
RECORDED, ATTACHED = "RecordingStored", "AttachmentStored"


@dataclass(frozen=True, slots=True)
class Pack:
    """The ZIP's bytes, their SHA-256, the emergency, and the name to keep it under."""

    ref: str
    name: str
    content: bytes
    sha256: str


def pack(session: Session, story: Story, data_dir: Path, public_url: str, zone: str, language: str) -> Pack:
    """The evidence of one emergency; its words are in `language`, its times in `zone` and UTC."""
    heard, left_out = _stored(story, data_dir)
    chain = _chain(session, story.id)
    files: dict[str, bytes] = {
        "chain.json": _json(chain),
        "carrier.json": _json(carriers_records(session, story, public_url)),
        "story.json": _json(_story(story, chain)),
        "verify.py": (HERE / "verify.py").read_bytes(),
        "HOW-TO-VERIFY.txt": (HERE / "HOW-TO-VERIFY.txt").read_bytes(),
        **heard,
    }
    paper, content = _paper(session, story, zone, language)
    files[paper] = content
    if paper == "story.html":
        left_out.append({"file": "story.pdf", "why": pdf.MISSING})
    files["manifest.json"] = _json(_manifest(story, chain["head"], files, left_out))
    files["SHA256SUMS"] = "".join(f"{_sha(files[name])}  {name}\n" for name in sorted(files)).encode()
    zipped = _zipped(files)
    return Pack(story.e.ref, f"{story.e.ref}-evidence.zip", zipped, _sha(zipped))


def _story(story: Story, chain: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the API says of it, as of the last fact; each fact as it stands in the chain."""
    bodies = [json.loads(fact["body"])["body"] for fact in chain["facts"]]
    as_of = story.entries[-1].recorded_at
    return {
        **record(story.e, as_of),
        "as_of": rfc3339(as_of),
        "ledger": [ledger_item(_shown(x, body)) for x, body in zip(story.entries, bodies, strict=True)],
    }


def _shown(entry: ledger.Entry, body: dict[str, Any]) -> ledger.Entry:
    """The fact without a private number of ours."""
    return replace(entry, body=body, private=None if entry.kind in STAFFS else entry.private)


def _chain(session: Session, emergency_id: int) -> dict[str, Any]:
    facts, previous = [], GENESIS
    for fact in evidence.raw_facts(session, emergency_id):
        is_staffs = json.loads(fact.body)["kind"] in STAFFS
        salt, hidden = (None, None) if is_staffs else (fact.salt, fact.private)
        facts.append(
            {"seq": fact.seq, "previous": previous, "body": fact.body, "hash": fact.hash, "salt": salt,
             "private": hidden}
        )  # fmt: skip
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


def _paper(session: Session, story: Story, zone: str, language: str) -> tuple[str, bytes]:
    """The story to read: a PDF, or without its extra a page that needs nothing else."""
    data = document(session, story, zone, language)
    if pdf.available():
        return "story.pdf", pdf.render("emergency.typ", data)
    return "story.html", as_html(data)


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
