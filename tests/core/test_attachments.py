"""What comes with a text, in words and by its first bytes; and whose addresses are read."""

import pytest

from callbacks.emergency.model import Kind, in_language, kind_of, marks
from callbacks.engine.intake.recordings import found_in, place_of, type_of
from callbacks.telephony.reports import Report

ACCOUNT, TEXT, MEDIA = "AC" + "1" * 32, "MM" + "2" * 32, "ME" + "3" * 32
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{TEXT}/Media/{MEDIA}"


@pytest.mark.parametrize(
    "content_type,kind",
    [("image/jpeg", "picture"), ("IMAGE/PNG; x=1", "picture"), ("text/vcard", "contact card"), ("text/x-vcard", "contact card"),
     ("text/directory", "contact card"), ("audio/amr", "voice note"), ("video/3gpp", "video"), ("application/pdf", "file"),
     ("", "file"), ("text/plain", "file")],
)  # fmt: skip
def test_the_senders_type_says_what_it_is(content_type: str, kind: str) -> None:
    assert kind_of(content_type) == kind


def test_marks_count_and_are_said_in_french() -> None:
    words = marks([Kind.PICTURE, Kind.VIDEO, Kind.PICTURE, Kind.VOICE_NOTE]) + " [text] as it is"
    assert words == "[2 pictures] [video] [voice note] [text] as it is"
    assert in_language(words, "fr") == "[2 photos] [vidéo] [message vocal] [text] as it is"
    assert in_language(words, "en") == words
    assert marks([]) == ""


@pytest.mark.parametrize(
    "content,found",
    [(b"\xff\xd8\xff\xe0", "image/jpeg"), (b"\x89PNG\r\n\x1a\n0", "image/png"), (b"GIF89a", "image/gif"),
     (b"RIFF\0\0\0\0WEBP", "image/webp"), (b"RIFF\0\0\0\0WAVE", "audio/wav"), (b"BEGIN:VCARD\r\n", "text/vcard"),
     (b"#!AMR\n", "audio/amr"), (b"\0\0\0\x18ftypmp42", "video/mp4"), (b"<svg xmlns='x'><script/>", "application/octet-stream"),
     (b"<?xml version='1.0'?><TwilioResponse>", "application/octet-stream"), (b"<html>", "application/octet-stream"),
     (b"", "application/octet-stream")],
)  # fmt: skip
def test_the_first_bytes_say_what_a_browser_is_told(content: bytes, found: str) -> None:
    assert type_of(content) == found


@pytest.mark.parametrize(
    "address",
    ["http://169.254.169.254/latest", "https://evil.example/x.jpg", f"https://evil.example{PATH}/..", f"https://a{PATH[:-1]}",
     "file:///etc/passwd", "", PATH.replace("MM2", "MM9"), "x" * 5000],
)  # fmt: skip
def test_an_address_of_another_form_or_text_is_told_and_never_asked_for(address: str) -> None:
    report = Report(
        [("MessageSid", TEXT), ("NumMedia", "1"), ("MediaUrl0", address), ("MediaContentType0", "image/png")]
    )
    assert found_in(report) == ((), (Kind.PICTURE,))


def test_of_a_right_address_the_sid_alone_is_taken() -> None:
    report = Report(
        [
            ("MessageSid", TEXT),
            ("NumMedia", "1"),
            ("MediaUrl0", f"https://evil.example{PATH}"),
            ("MediaContentType0", "image/png"),
        ]
    )
    assert found_in(report) == (((MEDIA, "picture"),), (Kind.PICTURE,))


@pytest.mark.parametrize("count,kinds", [("2", 2), ("99", 10), ("-1", 0), ("x", 0), ("", 0), ("0", 0)])
def test_what_is_counted_but_not_named_is_told_as_files(count: str, kinds: int) -> None:
    media, told = found_in(Report([("MessageSid", TEXT), ("NumMedia", count)]))
    assert (media, told) == ((), (Kind.FILE,) * kinds)


def test_a_place_is_told_in_words() -> None:
    report = Report([("Latitude", "45.50884"), ("Longitude", "-73.58781"), ("Label", "Server\nroom\0")])
    assert found_in(report)[1] == (Kind.PLACE,)
    assert place_of(report) == "45.50884, -73.58781 Server room"
    assert place_of(Report([("Latitude", "45;x"), ("Longitude", "1")])) == ""
