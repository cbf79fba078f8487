"""Numbers: which there are, which are nobody's, which are never dialled; and what a text costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.lib.gsm import is_gsm7, segments, to_gsm7
from callbacks.lib.phone import (
    NoNumber,
    is_withheld,
    kept,
    mask,
    normalise,
    read_number,
    spoken,
    why_never_dialled,
    why_not_dialled,
    written,
)
from callbacks.messages.wording import passed_on

PLACEHOLDERS = ["+266696687", "+2562533", "+7378742833", "+8656696", "+86282452253"]
SPELT = [
    "7378742833",
    "266696687",
    "86282452253",
    "2562533",
    "8656696",
    "+7 378 742-833",
    " +86282452253 ",
    "７378742833",
]
WORDS = ["", "  ", "anonymous", "Anonymous", "Restricted", "Unavailable", "unknown", "private", "sip:a@b.example"]
ADDRESSES = ["client:bob2025551234", "client:+15145550142", "sip:5145550142@b.example", "1800FLOWERS", "+1800FLOWERS",
             "+15145550142:2", "tel:+15145550142"]  # fmt: skip


JUNK = ["+10000000000", "5550142", "+15550142", "+11145550111", "+15145550", "+151455501422", "+19995550142",
        "+442071838", "+33000000000", "0000000000", "+15140550142"]  # fmt: skip


@pytest.mark.parametrize("raw", PLACEHOLDERS + SPELT + WORDS + ADDRESSES + JUNK)
def test_nobodys_number_is_withheld(raw: str) -> None:
    assert is_withheld(raw)
    assert normalise(raw) is None


@pytest.mark.parametrize(
    "raw,number",
    [("+15145550142", "+15145550142"), ("514-555-0142", "+15145550142"), ("(514) 555 0142", "+15145550142"),
     ("+33142685300", "+33142685300"), ("15145550142", "+15145550142"), ("+17378742833", "+17378742833"), ("911", None), ("12", None), ("+1", None)],
)  # fmt: skip
def test_numbers_become_e164(raw: str, number: str | None) -> None:
    assert normalise(raw) == number


@pytest.mark.parametrize(
    "number,allowed",
    [("+15145550142", True), ("+19005550123", False), ("+15149760123", False), ("+18765550123", False),
     ("+442079460123", False), ("+266696687", False), ("266696687", False), ("+19115550123", False), ("+1411", False), (None, False)],
)  # fmt: skip
def test_what_a_bridge_may_dial(number: str | None, allowed: bool) -> None:
    """F92."""
    assert (why_not_dialled(number, ["+1"]) is None) is allowed


def test_a_country_is_dialled_only_when_its_prefix_is_allowed() -> None:
    """F92."""
    assert why_not_dialled("+33142685300", ["+1"]) is not None
    assert why_not_dialled("+33142685300", ["+1", "+33"]) is None


# Per country: what may be dialled once its prefix is allowed (fixed, mobile, toll-free, VoIP), and what never may
# (premium, shared-cost, personal, universal access, pager, directory).
COUNTRIES: dict[str, tuple[list[str], list[str]]] = {
    "+1": (
        ["+15145550142", "+12125550142", "+18005550142", "+18885550199"],
        ["+19005550142", "+15149760142", "+15145551212", "+12125551212", "+18005551212", "+15002345678",
         "+15332345678", "+17002345678", "+17102345678", "+16002345678", "+15144110142", "+14115550142", "+1911"],
    ),
    "+33": (["+33123456789", "+33612345678", "+33801234567", "+33912345678"],
            ["+33891123456", "+33892701239", "+33899701239", "+33884012345", "+33806123456"]),
    "+44": (["+441212345678", "+447400123456", "+448001234567", "+445612345678"],
            ["+449012345678", "+449098790000", "+447012345678", "+447011234567", "+448712345678", "+445512345678",
             "+447640123456"]),
    "+49": (["+4930123456", "+4915123456789", "+498001234567890"],
            ["+499001234567", "+4918012345", "+4970012345678", "+4918500123456", "+4916412345"]),
    "+41": (["+41212345678", "+41781234567", "+41800123456"],
            ["+41900123456", "+41840123456", "+41878123456", "+41581234567", "+41740123456"]),
    "+32": (["+3212345678", "+32450001234", "+3280012345"], ["+3290012345", "+3278791234", "+3278102345"]),
    "+31": (["+31101234567", "+31612345678", "+318001234", "+31851234567"], ["+319061234", "+3114020", "+31662345678"]),
    "+34": (["+34810123456", "+34612345678", "+34800123456"],
            ["+34803123456", "+34901123456", "+34701234567", "+34511234567"]),
    "+39": (["+390212345678", "+393123456789", "+39800123456", "+395512345678"],
            ["+39899123456", "+39848123456", "+391781234567"]),
    "+351": (["+351212345678", "+351912345678", "+351800123456", "+351301234567"],
             ["+351760123456", "+351808123456", "+351884123456", "+351707123456", "+351622212345"]),
    "+43": (["+431234567890", "+43664123456", "+43800123456", "+43780123456"], ["+43900123456", "+43810123456"]),
    "+353": (["+3532212345", "+353850123456", "+3531800123456", "+353761234567"],
             ["+3531520123456", "+3531850123456", "+353700123456", "+353818123456"]),
    "+48": (["+48123456789", "+48512345678", "+48800123456", "+48391234567"],
            ["+48701234567", "+48801234567", "+48804123456", "+48641234567"]),
    "+46": (["+468123456", "+46701234567", "+4620123456"],
            ["+469001234567", "+46771234567", "+46751234567", "+46102345678", "+46740123456"]),
    "+47": (["+4721234567", "+4740612345", "+4780012345", "+4785012345"],
            ["+4782012345", "+4781021234", "+4788012345", "+4702000"]),
    "+45": (["+4532123456", "+4534412345", "+4580123456"], ["+4590123456"]),
    "+358": (["+358131234567", "+358412345678", "+358800123456"], ["+358600123456", "+35810112345"]),
    "+61": (["+61212345678", "+61412345678", "+611800123456", "+61147101234"],
            ["+611900123456", "+611300123456", "+611631234"]),
    "+64": (["+6432345678", "+64211234567", "+64800123456"], ["+64900123456", "+64701234567", "+6483012378"]),
    "+81": (["+81312345678", "+819012345678", "+81120123456", "+815012345678"],
            ["+81990123456", "+81601234567", "+81570123456", "+812012345678"]),
    "+91": (["+917410410123", "+918123456789", "+911800123456"], ["+911861123456789", "+9118603451234"]),
    "+52": (["+522001234567", "+522221234567", "+528001234567"], ["+529001234567", "+523001234567", "+525001234567"]),
    "+55": (["+551123456789", "+5511961234567", "+55800123456"], ["+55500123456", "+5540041234"]),
    "+27": (["+27101234567", "+27711234567", "+27801234567", "+27871234567"],
            ["+27862345678", "+27860123456", "+27861123456"]),
    # behind +1, but no part of it
    "+1684": (["+16842581234"], ["+16845550142"]),
    "+1670": (["+16705551234"], ["+16705551212"]),
    "+1671": (["+16715551234"], ["+16719760142"]),
    "+1787": (["+17872345678"], ["+17875551212"]),
    "+1939": (["+19395551234"], ["+19395551212"]),
    "+1876": (["+18765550142"], ["+18764110142"]),
    "+1242": (["+12423456789", "+12423591234"], ["+12425551234", "+12422250123"]),
    "+1809": (["+18092345678"], ["+18095551212"]),
}  # fmt: skip
DIALLED = [(prefix, number) for prefix, (allowed, _) in COUNTRIES.items() for number in allowed]
NEVER = [(prefix, number) for prefix, (_, refused) in COUNTRIES.items() for number in refused]


@pytest.mark.parametrize("prefix,number", DIALLED)
def test_an_ordinary_number_is_dialled_where_its_prefix_is_allowed(prefix: str, number: str) -> None:
    """F92."""
    assert why_not_dialled(number, ["+1", prefix]) is None
    assert (why_not_dialled(number, ["+1"]) is None) is (prefix == "+1")
    assert why_never_dialled(number) is None


@pytest.mark.parametrize("prefix,number", NEVER)
def test_a_number_that_costs_is_dialled_under_no_prefix(prefix: str, number: str) -> None:
    """F92."""
    assert why_not_dialled(number, ["+1", prefix]) is not None


@pytest.mark.parametrize(
    "raw,problem",
    [("+15550111", "area code"), ("555-0142", "area code"), ("+11145550111", "invalid area code"), ("514-555-0111 #23", "extension"),
     ("514-555-0111,,23", "extension"), ("514-555-0111;23", "extension"), ("514-555-0111~23", "extension"), ("514-555-0111 x23", "extension"),
     ("514-555-0111 ext. 23", "extension"), ("12", "not a phone number"), ("+33000000000", "does not exist"), ("1800FLOWERS", "not a phone number")],
)  # fmt: skip
def test_what_is_no_number_says_why_and_what_would_be_right(raw: str, problem: str) -> None:
    found = read_number(raw)
    assert isinstance(found, NoNumber)
    assert problem in found.problem
    assert found.fix


def test_what_was_written_down_earlier_is_still_found() -> None:
    assert kept("+15550142") == "+15550142"
    assert kept("514-555-0142") == "+15145550142"
    assert kept("anonymous") is None


def test_a_masked_number_cannot_be_dialled() -> None:
    assert "5550142" not in mask("+15145550142")


def test_numbers_are_written_and_spoken_for_people() -> None:
    assert written("+15145550142") == "514-555-0142"
    assert spoken("+15145550142", "en") == "5 1 4, 5 5 5, 0 1 4 2"


@pytest.mark.parametrize(
    "text,count",
    [("a" * 160, 1), ("a" * 161, 2), ("€" * 80, 1), ("€" * 81, 2), ("ê" * 70, 1), ("ê" * 71, 2), ("é" * 160, 1)],
)
def test_segments(text: str, count: int) -> None:
    assert segments(text) == count


@given(st.text(max_size=100))
def test_every_text_can_be_made_cheap(text: str) -> None:
    assert is_gsm7(to_gsm7(text))


def test_french_stays_readable() -> None:
    assert to_gsm7("Répondez à l’hôtel: ça coûte 5 €…") == "Répondez à l'hotel: ca coute 5 €..."


@pytest.mark.parametrize("words", ["Почта не работает", "البريد لا يعمل", "邮件服务器坏了", "ไม่มีอีเมล"])
def test_words_in_another_script_are_told_as_such_and_never_as_question_marks(words: str) -> None:
    assert passed_on([words], "en") == "[text in another script: see the page]"
    assert passed_on([words], "fr") == "[texte dans une autre écriture: voir la page]"
    assert passed_on([f"{words} error 550"], "en") == "[text in another script: see the page] error 550"


def test_letters_with_a_latin_like_are_written_with_it() -> None:
    assert to_gsm7("Łukasz Đorđević, Şule Øster") == "Lukasz Dordevic, Sule Øster"
    assert passed_on(["Ça ne marche pas, Łukasz 👍"], "fr") == "Ça ne marche pas, Lukasz ?"
