"""Makes .venv and installs what the lock names into it: `python3 scripts/environment.py run|dev`.

Runs with whatever Python there is, so that an old one gets a sentence instead of a traceback.
Does nothing when the locks are those that were installed last, by the same Python in this place.
"""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
OLDEST = (3, 11)


def main(kind):
    if sys.version_info < OLDEST:
        found = ".".join(str(number) for number in sys.version_info[:2])
        stop(f"chatapp needs Python 3.11 or newer; {sys.executable} is {found}.")
    if is_current(kind):
        return
    # Whoever has the tools keeps them: both locks agree on what is in the smaller one.
    kind = "dev" if stamp("dev").exists() else kind
    make_venv()
    say(f"Installing the packages of {LOCKS[kind].name} ...")
    # What is broken off in the middle is neither the version before nor this one.
    for before in LOCKS:
        stamp(before).unlink(missing_ok=True)
    install_uv()
    # Compiled now: where bytecode may not be written, each start would do it again.
    options = ["--quiet", "--require-hashes", "--compile-bytecode"]
    run(
        [VENV / "bin" / "uv", "pip", "install", "--python", PYTHON, *options, "-r", LOCKS[kind]],
        "The packages could not be installed; the lines above say why.",
    )
    for done in ["run", "dev"] if kind == "dev" else ["run"]:
        stamp(done).write_text(digest(done))


def is_current(kind):
    if not (stamp(kind).exists() and stamp(kind).read_text() == digest(kind)):
        return False
    return PYTHON.exists() and is_made()


def stamp(kind):
    return VENV / ("installed-" + kind)


def digest(kind):
    return hashlib.sha256(LOCKS[kind].read_bytes()).hexdigest()


def is_made():
    """Whether .venv was made to its end, in this place, and its Python is still that one."""
    if not noted().exists() and is_earlier():
        note()
    if not (noted().exists() and noted().read_text() == maker()):
        return False
    # Whoever names a Python wants that one; else the one that is there does.
    return not os.environ.get("CHATAPP_PYTHON_NAMED") or same_python()


def noted():
    """Where it stands which Python .venv was made by, and in which place: its files name both."""
    return VENV / "made-by"


def note():
    noted().write_text(maker())


def maker():
    return "\n".join([str(VENV), os.path.realpath(PYTHON)])


def is_earlier():
    """Whether it works, though it was made before that was written down."""
    pip = VENV / "bin" / "pip"
    if not (PYTHON.exists() and pip.exists() and str(VENV) in pip.read_text().split("\n")[0]):
        return False
    asked = [str(PYTHON), "-m", "pip", "--version"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0  # noqa: S603  Our own words.


def same_python():
    return os.path.realpath(PYTHON) == os.path.realpath(sys.executable)


def make_venv():
    if is_made():
        return
    say("Making .venv ...")
    # Afresh: half a one, or one for another Python or another place, cannot be mended.
    run(
        [sys.executable, "-m", "venv", "--clear", VENV],
        f"No environment could be made in {VENV}: is the folder writable, and Python's venv module "
        "there (on Debian: apt install python3-venv)?",
    )
    note()


def install_uv():
    """By pip, with the hashes of the lock."""
    entries = re.findall(r"^uv==.*?[^\\]$", LOCKS["dev"].read_text(), re.M | re.S)
    lock = VENV / "uv.lock.txt"
    lock.write_text(entries[0] + "\n")
    run(
        [PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock],
        "uv could not be installed; is the package index in reach?",
    )


def run(command, sentence):
    environment = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1")
    try:
        subprocess.run([str(word) for word in command], check=True, env=environment)  # noqa: S603  Our own words.
    except (OSError, subprocess.CalledProcessError):
        stop(sentence)


def say(sentence):
    sys.stderr.write(sentence + "\n")


def stop(sentence):
    say(sentence)
    sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
