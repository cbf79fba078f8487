"""Which passwords are taken: long ones that nobody guesses; nothing is asked of their signs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth import passwords

EMAIL = "sue.tremblay@dupont-securite.example"


@pytest.mark.parametrize(
    "password",
    [
        "qwerty123456", "1q2w3e4r5t6y", "passwordpassword", "adminadmin12", "123qweasdzxc", "zaq12wsxcde3", "abcd1234abcd",
        "password1234", "Password1234!", "P@ssw0rd1234", "aaaaaaaaaaaa", "abcabcabcabc", "123456789012", "abcdefghijkl",
        "azertyuiop12", "qazwsxedcrfv", "motdepasse2026", "Bienvenue2026!", "jetaimebeaucoup1", "iloveyou12345",
        "Winter2026!!!!", "montreal12345", "callbacks2026!", "CallbacksCallbacks", "tremblay2026!", "dupont123456",
        "securite2026!", "            ", "19851224198512", "letmeinletmein",
    ],
)  # fmt: skip
def test_a_common_one_is_refused_with_what_would_be_right(password: str) -> None:
    fault = passwords.fault(password, EMAIL)
    assert fault is not None and "a few unrelated words" in str(fault)


@pytest.mark.parametrize(
    "password",
    [
        "quiet river lamps", "seven green boats", "lampe rivière tiroir", "correct horse battery", "vcq8-jw2m-pzt5",
        "tasse nuage vélo", "x" * 12 + "kd9 fjq2 lamp", "зелёные лодки плывут", "绿色的船在安静的河上漂流着呢", "🎈🐢🚲🌋🧵🪁🍋🦔🧊🎻🪐🧲",
    ],
)  # fmt: skip
def test_a_long_one_of_any_kind_is_taken(password: str) -> None:
    assert passwords.fault(password, EMAIL) is None


@given(st.text(max_size=140), st.emails())
def test_any_password_is_judged_without_a_failure(password: str, email: str) -> None:
    fault = passwords.fault(password, email)
    assert fault is None or str(fault)
    if len(password) < passwords.SHORTEST:
        assert fault is not None


def test_a_made_one_is_long_enough_to_be_taken() -> None:
    assert len(passwords.first_password()) >= 16
