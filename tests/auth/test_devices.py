import pytest

from chatapp.auth.devices import device_of

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (CHROME, ("Chrome", "Windows")),
        (CHROME + " Edg/156.0", ("Edge", "Windows")),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Version/18.0 Safari/605",
            ("Safari", "macOS"),
        ),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/156.0 Mobile Safari/537", ("Chrome", "Android")),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/156.0",
            ("Chrome", "iPhone"),
        ),
        ("curl/8.9", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_device_is_told_by_its_browser_and_system(agent, device):
    assert device_of(agent) == device
