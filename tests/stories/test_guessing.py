"""Somebody with a technician's forged number has no page and no code: their guesses are told, and the night goes on."""

from concurrent.futures import ThreadPoolExecutor

from sqlmodel import select

from callbacks.store import audits, people
from callbacks.store.tables import OutboxRow
from tests.night import SUPPORT, Night
from tests.stories.test_doors import post


def alarms(night: Night) -> list[str]:
    with night.database.read() as session:
        found = session.exec(select(OutboxRow).where(OutboxRow.kind == "alarm")).all()
        return [row.text or "" for row in found if '"audit-codes"' in row.payload]


def test_guessed_codes_are_told_once_and_paging_goes_on(night: Night) -> None:
    """F91: three within ten minutes, nobody's or somebody else's; one text to each supervisor, one line, one audit entry."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    code = ana.gets_sms("E-000001").code
    bob.texts("1 Z9").gets_sms("has the code Z9")
    bob.texts(f"1 {code}").gets_sms("was not paged to you")
    assert alarms(night) == []
    bob.texts("4 Z8").gets_sms("has the code Z8")
    night.sue.gets_sms("ALARM: 3 texts in 10 minutes", "Bob Chen", "forged", "paging goes on")
    bob.texts("6 Z2").gets_sms("has the code Z2", "No open emergency. Send 0").replies(f"4 {code}").gets_sms(
        "was not paged to you"
    )
    bob.texts("0").gets_sms("No open emergency.")
    assert len(alarms(night)) == 1
    with night.database.read() as session:
        found = [(row.who, row.via, row.about) for row in audits.latest(session, action="codes.guessed")]
    assert found == [("callbacks", "sms", "bob")]
    assert night.emergency()["acknowledged_by"] is None
    night.minutes_pass(4)
    bob.gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.nobody_else_was_contacted()


def test_who_errs_now_and_then_is_no_news_and_an_hour_later_it_is_told_again(night: Night) -> None:
    """F91."""
    ana, _ = night.on_call("ana", "bob")
    for guess in ("1 Z9", "1 Z8", "1 Z7"):
        ana.texts(guess).gets_sms("No open emergency of yours")
        night.minutes_pass(6)
    assert alarms(night) == []
    for guess in ("1 Z9", "1 Z8"):
        ana.texts(guess).gets_sms("No open emergency of yours")
    night.sue.gets_sms("ALARM: 3 texts", "Ana Roy")
    night.minutes_pass(61)
    for guess in ("1 Z6", "1 Z5", "1 Z4"):
        ana.texts(guess).gets_sms("No open emergency of yours")
    night.sue.gets_sms("ALARM: 3 texts")
    night.nobody_else_was_contacted()


def test_a_supervisor_reads_it_in_french_and_a_guesser_nobody_knows_hears_nothing(night: Night) -> None:
    """F43, F91: an unknown sender is never answered, whatever codes they send, and nobody is told of it."""
    night.on_call("ana", "bob")
    ana = night.people["ana"]
    with night.database.read() as session:
        text = people.current_text(session)
    night.roster(text.replace('name = "sue"', 'name = "sue"\nlanguage = "fr"'))
    for guess in ("1 Z9", "1 Z8", "4 Z7", "6 Z6"):
        night.other_customer.texts(guess)
        night.network.texts.receive("+15145550777", guess)
    night.nobody_else_was_contacted()
    assert alarms(night) == []
    for guess in ("1 Z6", "1 Z5", "1 Z4"):
        ana.texts(guess).gets_sms("No open emergency of yours")
    night.sue.gets_sms("ALARME: 3 textos", "Ana Roy", "Rien n'a changé")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.nobody_else_was_contacted()


def test_guesses_at_the_same_instant_are_told_once(night: Night) -> None:
    """F91: on several nodes at once too; whichever transaction is second finds that it was told."""
    ana, _ = night.on_call("ana", "bob")
    account = night.settings.account_sid

    def guess(n: int) -> int:
        form = {
            "MessageSid": f"SM{n:032x}",
            "AccountSid": account,
            "From": ana.number,
            "To": SUPPORT,
            "Body": f"1 Z{n % 9 + 1}",
        }
        return post(night, "sms", form).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(guess, range(24))) == {200}
    assert len([text for text in alarms(night) if "had codes" in text]) == 1
    night.settle()
    told = [m.body for m in night.sent() if m.to_number == ana.number]
    assert len([body for body in told if "No open emergency of yours" in body]) == 20
    assert len(told) == 21
    night.taken_up |= {m.sid for m in night.sent()}
    night.nobody_else_was_contacted()
