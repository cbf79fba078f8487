"""One parser under atheris, guided by coverage: python -m tests.fuzz.guided form|text|signature -max_total_time=60"""

import contextlib
import sys

import atheris

with atheris.instrument_imports(
    include=["app.twilio.requests", "callbacks.messages.replies", "callbacks.telephony.reports"]
):
    from app.twilio.requests import public_url, read_form, signature_is_valid
    from callbacks.messages.replies import read_customer, read_reply
    from callbacks.telephony.reports import Report


def form(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        report = Report(read_form(data))
        report.call_sid()
        report.recording_sid()
        report.message_sid()
        report.any_message_sid()
        report.seconds("RecordingDuration")
        report.timestamp()


def text(data: bytes) -> None:
    words = data.decode("utf-8", "replace")
    assert read_reply(words, ("K7", "R2M")).command and read_customer(words).meaning


def signature(data: bytes) -> None:
    given = atheris.FuzzedDataProvider(data)
    path, signed, body = given.ConsumeBytes(40), given.ConsumeUnicode(28), given.ConsumeBytes(200)
    with contextlib.suppress(ValueError):
        pairs = read_form(body)
        url = public_url("https://oncall.example.ca", b"/" + path, b"")
        assert not signature_is_valid(signed, url, pairs, ("a token nobody knows",))


if __name__ == "__main__":
    atheris.Setup([sys.argv[0], *sys.argv[2:]], {"form": form, "text": text, "signature": signature}[sys.argv[1]])
    atheris.Fuzz()
