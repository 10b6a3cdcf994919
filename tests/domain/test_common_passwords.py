import time

import pytest

from chatapp.domain.common_passwords import is_common


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "Password1!",
        "P@ssw0rd",
        "p@$$w0rd123",
        "12345678",
        "1234567890",
        "19871012",
        "123456789a",
        "aaaaaaaa",
        "abcabcabc",
        "qwertyuiop",
        "qwerty123",
        "qwertz12",
        "asdfghjkl",
        "zxcvbnm1",
        "1q2w3e4r",
        "1qaz2wsx",
        "zaq12wsx",
        "qazwsxedc",
        "123qweasdzxc",
        "abcdefgh",
        "87654321",
        "iloveyou",
        "iloveyou2",
        "letmein123",
        "Summer2026!",
        "football1",
        "trustno1",
        "welcome1",
        "admin1234",
        "passwordpassword",
        "_sunshine_",
    ],
)
def test_what_is_tried_first_is_common(password):
    assert is_common(password)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "seven quiet lanterns",
        "kx9fm2qpw",
        "tr0ub4dor&3",
        "monkeybusiness42",
        "27182818284590",
        "пароль-моря",
        "白い灯台の下で",
        "qwerty under the sea",
    ],
)
def test_anything_else_is_not(password):
    assert not is_common(password)


@pytest.mark.parametrize("text", ["password", "1234567890", "ab", "qwertyuiop1", "!", "a1"])
def test_looking_is_quick_however_long_the_password(text):
    began = time.perf_counter()
    is_common(text * (1024 // len(text)) + "é")
    assert time.perf_counter() - began < 0.05
