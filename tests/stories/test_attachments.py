"""Pictures, contact cards, places and voice notes that come with a text."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from callbacks.emergency.model import Attachment, Emergency, FileState, Kind
from callbacks.engine.intake.summary import load
from callbacks.engine.jobs import erasure, verification
from callbacks.store.sql import tables
from tests.night import Night, Person, seconds

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 60
VCARD = b"BEGIN:VCARD\r\nFN:Priya\r\nEND:VCARD\r\n"


@pytest.fixture
def ana(night: Night) -> Person:
    """Ana has it."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    return ana.gets_sms("E-000001").replies("1").gets_sms("is yours")


def code(night: Night) -> str:
    """The page's."""
    return night.sent()[0].body.partition("#")[2].partition(":")[0].split()[0]


def kept(night: Night) -> list[Path]:
    return sorted(night.settings.data_dir.glob("recordings/ME*"))


def test_a_picture_alone_is_told_kept_and_shown(night: Night, ana: Person) -> None:
    night.customer.replies("", ("image/png", PNG))
    ana.gets_sms("the customer writes: [picture]")
    assert [f["words"] for f in night.facts_of("NoteAdded")] == ["[picture]"]
    (path,) = kept(night)
    assert path.read_bytes() == PNG
    night.web.cookies.set("callbacks_session", night.logged_in("supervisor"))
    address = f"/emergencies/E-000001/attachments/{path.name}"
    assert f'src="{address}"' in night.web.get("/emergencies/E-000001").text
    answer = night.web.get(address)
    assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    link = ana.last_text.split()[-1]
    assert night.web.get(f"{link}/attachments/{path.name}").content == PNG
    assert f"/attachments/{path.name}" in night.web.get(link).text
    night.nobody_else_was_contacted()


def test_words_and_several_things_come_in_one_note(night: Night, ana: Person) -> None:
    night.customer.replies("look at this", ("image/png", PNG), ("image/jpeg", b"\xff\xd8\xff"), ("text/vcard", VCARD))
    ana.gets_sms("[2 pictures] [contact card] look at this")
    assert len(kept(night)) == 3
    night.nobody_else_was_contacted()


def test_in_french_the_technician_reads_photo(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob", languages="fr")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.customer.replies("", ("image/png", PNG), ("video/mp4", b"\0\0\0\x18ftypmp42"))
    ana.gets_sms("[photo] [vidéo]")
    night.nobody_else_was_contacted()


def test_what_is_no_picture_is_a_file_to_take_along(night: Night, ana: Person) -> None:
    """Whatever the sender's phone called it: nothing that a browser could run is shown."""
    night.customer.replies("", ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"))
    ana.gets_sms("[picture]")
    night.web.cookies.set("callbacks_session", night.logged_in("supervisor"))
    answer = night.web.get(f"/emergencies/E-000001/attachments/{kept(night)[0].name}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    night.nobody_else_was_contacted()


def test_a_place_is_told(night: Night, ana: Person) -> None:
    night.customer.replies("", Latitude="45.50884", Longitude="-73.58781", Label="Server room")
    ana.gets_sms("[place] 45.50884, -73.58781 Server room")
    night.nobody_else_was_contacted()


def test_an_answer_with_a_picture_is_an_answer_and_the_picture_is_told(night: Night, ana: Person) -> None:
    ana.replies(f"4 {code(night)}")
    night.taken_up.update(m.sid for m in night.sent())
    night.customer.replies("1", ("image/png", PNG))
    ana.gets_sms("[picture]")
    assert "ContactConfirmed" in night.facts()
    assert len(kept(night)) == 1
    night.nobody_else_was_contacted()


def test_a_technicians_picture_is_a_note(night: Night, ana: Person) -> None:
    ana.replies("", ("image/png", PNG)).gets_sms("note added")
    ana.replies("note the rack", ("image/jpeg", b"\xff\xd8\xff")).gets_sms("note added")
    assert [(f["by"], f["words"]) for f in night.facts_of("NoteAdded")] == [
        ("ana", "[picture]"),
        ("ana", "the rack [picture]"),
    ]
    assert len(kept(night)) == 2
    night.nobody_else_was_contacted()


def test_a_picture_with_a_command_is_kept_and_the_command_counts(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1", ("image/png", PNG)).gets_sms("is yours")
    assert night.emergency()["acknowledged_by"] == "ana"
    assert [(f["by"], f["kind"]) for f in night.facts_of("AttachmentAdded")] == [("ana", "picture")]
    assert len(kept(night)) == 1
    ana.replies(f"6 {code(night)} rack", ("image/jpeg", b"\xff\xd8\xff")).gets_sms("resolved")
    assert len(kept(night)) == 2
    night.taken_up.update(m.sid for m in night.sent())
    night.nobody_else_was_contacted()


def test_what_the_carrier_has_not_is_asked_for_again_and_holds_nothing_up(night: Night, ana: Person) -> None:
    message = night.network.texts.receive(night.customer.number, "see", [("image/png", PNG)])
    held, message.media = message.media, []
    ana.gets_sms("[picture] see")
    assert kept(night) == []
    message.media = held
    night.minutes_pass(10)
    assert len(kept(night)) == 1
    night.nobody_else_was_contacted()


def test_more_than_is_taken_is_told_and_left(night: Night, ana: Person) -> None:
    night.customer.replies("", ("image/png", PNG + b"x" * (6 * 1024 * 1024)))
    ana.gets_sms("[picture]")
    assert kept(night) == []
    assert [f["why"] for f in night.facts_of("AttachmentUnavailable")] == ["too-large"]
    night.nobody_else_was_contacted()


def test_an_emergency_keeps_a_bounded_number(night: Night, ana: Person) -> None:
    for _ in range(3):
        night.customer.replies("", *[("image/png", PNG)] * 10)
    night.taken_up.update(m.sid for m in night.sent())
    assert len(kept(night)) == 20
    assert len(night.facts_of("NoteAdded")) == 3
    night.nobody_else_was_contacted()


def test_a_lost_report_of_a_picture_is_found(night: Night, ana: Person) -> None:
    night.knobs(webhooks_down=True)
    night.customer.replies("", ("image/png", PNG))
    assert kept(night) == []
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    night.passes(seconds(25))
    night.sweeps()
    ana.gets_sms("[picture]")
    assert len(kept(night)) == 1
    night.nobody_else_was_contacted()


@pytest.mark.storage
@pytest.mark.parametrize("by", ["erase", "retention"])
def test_it_is_erased_with_the_words_here_and_at_the_carrier(night: Night, ana: Person, by: str) -> None:
    night.customer.replies("", ("image/png", PNG))
    ana.replies(f"4 {code(night)}").replies(f"6 {code(night)} done")
    night.taken_up.update(m.sid for m in night.sent())
    message = next(m for m in night.network.texts.all.values() if m.media)
    assert len(kept(night)) == 1
    if by == "erase":
        erasure.customer(night.context, night.customer.number, "sue")
    else:
        night.clock.turn_to(night.clock.now() + timedelta(days=366))
        erasure.apply_retention(night.context)
    assert (kept(night), message.media) == ([], [])
    assert [f["why"] for f in night.facts_of("AttachmentUnavailable")] == ["erased"]
    assert message.sid not in night.network.texts.all
    night.nobody_else_was_contacted()


def test_it_is_kept_like_a_recording_and_no_longer(night: Night, ana: Person) -> None:
    """An emergency with a picture and nothing said, too: the words stay for their own time."""
    night.customer.replies("see this", ("image/png", PNG))
    ana.replies(f"4 {code(night)}").replies(f"6 {code(night)} done")
    night.taken_up.update(m.sid for m in night.sent())
    message = next(m for m in night.network.texts.all.values() if m.media)
    (path,) = kept(night)
    night.clock.turn_to(night.clock.now() + timedelta(days=89))
    erasure.apply_retention(night.context)
    assert path.exists()
    night.clock.turn_to(night.clock.now() + timedelta(days=2))
    erasure.apply_retention(night.context)
    assert (kept(night), message.media) == ([], [])
    assert message.sid in night.network.texts.all
    assert [f["why"] for f in night.facts_of("AttachmentUnavailable")] == ["erased"]
    assert next(f["words"] for f in night.facts_of("NoteAdded")) == "[picture] see this"
    assert proof_holds(night)
    night.sue.gets_sms("UNCONFIRMED")
    night.nobody_else_was_contacted()


def test_what_was_not_erased_keeps_an_emergency_among_those_to_look_at(night: Night, ana: Person) -> None:
    ana.replies(f"4 {code(night)}").replies(f"6 {code(night)} done")
    night.taken_up.update(m.sid for m in night.sent())
    night.clock.turn_to(night.clock.now() + timedelta(days=91))
    erasure.apply_retention(night.context)
    with night.database.read() as session:
        assert not session.get_one(tables.Emergency, 1).audio_kept
    for word, kept_on in ((FileState.SENT, True), (FileState.ERASED, False)):
        e = Attachment(night.clock.now(), "ana", "MM1", Kind.PICTURE, state=word)
        assert replace(folded(night), attachments={"ME1": e}).keeps_audio is kept_on
    night.sue.gets_sms("UNCONFIRMED")
    night.nobody_else_was_contacted()


def folded(night: Night) -> Emergency:
    with night.database.read() as session:
        e = load(session, 1)
    assert e
    return e


def proof_holds(night: Night) -> bool:
    with night.database.read() as session:
        return verification.verify(session) is None


def test_a_link_of_another_emergency_opens_nothing(night: Night, ana: Person) -> None:
    night.customer.replies("", ("image/png", PNG))
    ana.gets_sms("[picture]")
    sid = kept(night)[0].name
    night.other_customer.calls().leaves_message()
    other = ana.gets_sms("E-000002").last_text.split()[-1]
    assert night.web.get(f"{other}/attachments/{sid}").status_code == 404
    night.nobody_else_was_contacted()
