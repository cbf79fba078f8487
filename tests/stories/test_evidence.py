"""The evidence pack: verified by its own program, by an independent recomputation, and found out when it is touched."""

import hashlib
import io
import json
import subprocess
import sys
import wave
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import delete
from typer.testing import CliRunner

from app.cli.main import cli
from app.evidence.pack import pack, without_links
from app.web.emergency.detail import story_of
from callbacks.store.sql import audits, tables
from callbacks.store.sql.transaction import Transaction
from tests.night import Night, seconds

PATH = "/emergencies/E-000001/evidence.zip"
TEXTS = {".json", ".txt", ".py", ".html"}
FILES = {"HOW-TO-VERIFY.txt", "SHA256SUMS", "carrier.json", "chain.json", "manifest.json", "story.html", "story.json",
         "verify.py"}  # fmt: skip


def a_night(night: Night) -> None:
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").leaves_message()
    ana = night.people["ana"]
    ana.gets_sms("E-000001")
    night.minutes_pass(1)
    night.customer.calls().leaves_message()
    night.taken_up.update(m.sid for m in night.sent())
    ana.replies("1").gets_sms("is yours").replies("note <b>#set page(1)</b>").gets_sms("note added")
    ana.is_called_back_by("3").gets_sms("is ringing").presses("1")
    night.customer.answers(and_talks_for=seconds(40))
    ana.presses("1")
    note = {"words": f"\u202e中文 see {night.address}/t/secretsecret " + "w" * 1500}
    assert night.web.post("/emergencies/E-000001/note", data=note).status_code == 303


def test_a_pack_holds_nothing_about_others_and_no_number_of_staff(night: Night, tmp_path: Path) -> None:
    """Bob writes about two emergencies; each pack has what was about it, and nobody's private number."""
    _, bob = night.on_call("ana", "bob")
    night.customer.calls().leaves_message()
    night.other_customer.calls().leaves_message()
    night.minutes_pass(4)
    night.taken_up.update(m.sid for m in night.sent())
    with night.database.read() as session:
        codes = [session.get_one(tables.Emergency, n).code for n in (1, 2)]
    for n, code in enumerate(codes, 1):
        bob.replies(f"note {code} words-about-{n}").gets_sms("note added")
    bob.replies("is anybody there").gets_sms("Not understood")
    for n, other in ((1, 2), (2, 1)):
        answer = night.web.get(f"/emergencies/E-{n:06d}/evidence.zip")
        folder = unpacked(answer.content, tmp_path / f"pack{n}")
        everything = " ".join(p.read_text("utf-8", "replace") for p in folder.rglob("*.*") if p.suffix in TEXTS)
        assert (f"words-about-{n}" in everything, f"words-about-{other}" in everything) == (True, False)
        assert "is anybody there" not in everything
        for number in (bob.number, night.people["ana"].number, night.sue.number):
            assert number.removeprefix("+") not in everything
        carrier = json.loads((folder / "carrier.json").read_text())
        assert f"{bob.number[:5]}…{bob.number[-2:]}" in {row["number"] for row in carrier["outbox"]}
        assert verified(folder)[0] == 0, verified(folder)
    night.nobody_else_was_contacted()


def unpacked(content: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    return folder


def verified(folder: Path) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-I", "verify.py"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def recomputed(chain: dict[str, Any]) -> list[str]:
    """The chain's hashes and commitments once more, by other code; what is wrong."""
    wrong, previous = [], "0" * 64
    for n, fact in enumerate(chain["facts"]):
        body = json.loads(fact["body"])
        if hashlib.sha256(f"{previous}{fact['body']}".encode()).hexdigest() != fact["hash"] or body["seq"] != n + 1:
            wrong.append(f"hash {n + 1}")
        secret = body["body"].get("commitment")
        if secret and fact["salt"] and hashlib.sha256((fact["salt"] + fact["private"]).encode()).hexdigest() != secret:
            wrong.append(f"commitment {n + 1}")
        previous = fact["hash"]
    return wrong


def test_the_pack_is_verified_without_us_and_tampering_is_found(night: Night, tmp_path: Path) -> None:
    """I23."""
    a_night(night)
    answer = night.web.get(PATH, headers={"Accept-Language": "fr"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="E-000001-evidence.zip"'
    assert night.web.get(PATH, headers={"Accept-Language": "fr"}).content == answer.content
    folder = unpacked(answer.content, tmp_path / "pack")
    names = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    audio = {name for name in names if name.startswith("audio/")}
    assert (names - audio, len(audio)) == (FILES, 2)
    code, words = verified(folder)
    assert (code, words.startswith("fine: E-000001, ")) == (0, True), words

    chain = json.loads((folder / "chain.json").read_text())
    assert recomputed(chain) == []
    with night.database.read() as session:
        row = session.get(tables.Emergency, 1)
        assert row and (chain["head"], len(chain["facts"])) == (row.head_hash, row.last_seq)
    story = json.loads((folder / "story.json").read_text())
    assert (story["verdict"]["outcome"], story["ref"]) == ("met", "E-000001")
    carrier = json.loads((folder / "carrier.json").read_text())
    sids = {row["sid"] for row in carrier["calls_and_messages"]}
    assert story["call_sid"] in sids
    assert {row["sid"] for row in carrier["outbox"] if row["sid"]} <= sids | {None}
    sources = {report["source"] for report in carrier["reports"]}
    assert {"voice", "action", "recording", "status-message", "sms", "dial"} <= sources
    everything = b"".join(p.read_bytes() for p in folder.rglob("*.json"))
    for secret in (*night.settings.webhook_tokens, night.settings.signing_key):
        assert str(secret).encode() not in everything
    page = (folder / "story.html").read_text()
    assert "<b>#set" not in page
    assert "&lt;b&gt;#set page(1)" in page
    for sid_file in audio:
        with wave.open(str(folder / sid_file)) as file:
            assert file.getnframes() > 0

    assert without_links(f"see {night.address}/t/abc, please", night.address) == "see [link] please"

    _every_touch_is_found(folder, audio)
    with night.database.read() as session:
        exported = [a for a in audits.latest(session) if a.action == "evidence.exported"]
    assert [(a.who, a.about) for a in exported] == [("sandbox", "E-000001")] * 2
    assert json.loads(exported[0].details)["sha256"] == hashlib.sha256(answer.content).hexdigest()
    assert night.web.get("/emergencies/E-000099/evidence.zip").status_code == 404
    night.customer.gets_sms("is calling you now")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_what_came_with_texts_is_in_the_pack_and_tampering_is_found(night: Night, tmp_path: Path) -> None:
    night.on_call("ana", "bob")
    night.customer_leaves_message()
    png, card = b"\x89PNG\r\n\x1a\n" + b"x" * 60, b"BEGIN:VCARD\r\nFN:Priya\r\nEND:VCARD\r\n"
    night.customer.replies("", ("image/png", png), ("text/vcard", card), ("image/svg+xml", b"<svg/>"))
    night.settle()
    folder = unpacked(night.web.get(PATH).content, tmp_path / "pack")
    files = {p.name: p for p in (folder / "attachments").iterdir()}
    assert {p.suffix: p.read_bytes() for p in files.values()} == {".png": png, ".vcf": card, ".bin": b"<svg/>"}
    assert verified(folder)[0] == 0, verified(folder)
    picture = next(p for p in files.values() if p.suffix == ".png")
    picture.write_bytes(png + b"x")
    _summed_anew(folder, f"attachments/{picture.name}")
    assert verified(folder)[1].endswith("it is not the attachment that the chain speaks of\n")
    (night.context.data_dir / "recordings" / picture.stem).unlink()
    again = unpacked(night.web.get(PATH).content, tmp_path / "again")
    assert [x["file"] for x in json.loads((again / "manifest.json").read_text())["left_out"]] == [
        f"attachments/{picture.name}"
    ]
    assert verified(again)[0] == 0
    night.people["ana"].gets_sms("P1 E-000001").gets_sms("the customer writes")
    night.nobody_else_was_contacted()


def _every_touch_is_found(folder: Path, audio: set[str]) -> None:
    """A byte changed in any file, with and without new sums."""
    for name in sorted({*FILES, *audio} - {"verify.py"}):
        path = folder / name
        good = path.read_bytes()
        at = len(good) // 2
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        assert verified(folder)[0] == 1, name
        path.write_bytes(good)
    for name, old, new in (
        ("chain.json", b"+1514555", b"+1514556"), ("chain.json", b'\\"kind\\":\\"Acknow', b'\\"kind\\":\\"Ackmow'),
        ("story.json", b'"kind": "Acknowledged"', b'"kind": "Passed"'), (sorted(audio)[0], b"\x00\x00", b"\x01\x00"),
    ):  # fmt: skip
        kept = {p: (folder / p).read_bytes() for p in (name, "SHA256SUMS", "manifest.json")}
        assert old in kept[name], (name, old)
        (folder / name).write_bytes(kept[name].replace(old, new, 1))
        _summed_anew(folder, name)
        code, words = verified(folder)
        assert (code, "NOT AS IT WAS MADE" in words) == (1, True), name
        for inside, good in kept.items():
            (folder / inside).write_bytes(good)
    (folder / "extra.txt").write_text("x")
    assert "belongs to no pack" in verified(folder)[1]
    (folder / "extra.txt").unlink()
    assert verified(folder)[0] == 0


def _summed_anew(folder: Path, name: str) -> None:
    """Somebody clever mends the sums as well."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name]["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    sums = [line.partition("  ")[2] for line in (folder / "SHA256SUMS").read_text().splitlines()]
    text = "".join(f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in sums)
    (folder / "SHA256SUMS").write_text(text)


@pytest.mark.storage
def test_with_erased_words_and_lost_audio_it_says_so(night: Night, tmp_path: Path) -> None:
    a_night(night)
    sid = night.emergency()["recording_sid"]
    (night.context.data_dir / "recordings" / f"{sid}.wav").unlink()
    with night.database.write() as session:
        session.execute(delete(tables.Private))
    answer = night.web.get(PATH)
    folder = unpacked(answer.content, tmp_path / "pack")
    code, words = verified(folder)
    assert (code, "private part that is erased" in words) == (0, True)
    left = {entry["file"]: entry["why"] for entry in json.loads((folder / "manifest.json").read_text())["left_out"]}
    assert set(left) == {f"audio/{sid}.wav"}
    page = (folder / "story.html").read_text()
    assert "<script" not in page
    assert "ana acknowledged (by text)" in page
    with night.database.read() as session:
        whole = _packed(session, night)
    assert whole == _unzipped_names(answer.content)
    night.customer.gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def _packed(session: Transaction, night: Night) -> set[str]:
    row = session.emergencies.find(1)
    assert row is not None
    made = pack(session, story_of(session, row), night.context.data_dir, night.address, "America/Toronto", "en")
    return _unzipped_names(made.content)


def _unzipped_names(content: bytes) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return set(archive.namelist())


@pytest.mark.storage
def test_the_command_writes_the_same_pack_once(night: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_night(night)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLBACKS_DATABASE_URL", night.settings.database_url)
    monkeypatch.setenv("CALLBACKS_DATA_DIR", str(night.context.data_dir))
    monkeypatch.setenv("CALLBACKS_PUBLIC_URL", night.address)
    run = CliRunner().invoke(cli, ["evidence", "E-000001", "--output", "x.zip"])
    assert run.exit_code == 0, run.output
    assert Path("x.zip").read_bytes() == night.web.get(PATH, headers={"Accept-Language": "en"}).content
    assert hashlib.sha256(Path("x.zip").read_bytes()).hexdigest() in run.output
    again = CliRunner().invoke(cli, ["evidence", "E-000001", "--output", "x.zip"])
    assert (again.exit_code, "name a new file" in again.output) == (2, True)
    assert CliRunner().invoke(cli, ["evidence", "E-9", "--output", "y.zip"]).exit_code == 1
    assert CliRunner().invoke(cli, ["evidence", "E-1", "--output", "y.zip", "--language", "de"]).exit_code == 2
    with night.database.read() as session:
        assert audits.latest(session, action="evidence")[1].via == "command"
    night.customer.gets_sms("is calling you now")
    night.nobody_else_was_contacted()
