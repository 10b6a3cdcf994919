"""What the benchmark needs beside the product: peers, a Node package, two small C programs.

Everything goes into `benchmarks/.env`. What cannot be had is named, with the reason; a peer that
is missing stands as missing in the table and is never guessed.
"""

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = HERE / ".env"
PYTHON = FOLDER / "venv" / "bin" / "python"
NODE_SERVER = FOLDER / "node" / "server.mjs"
LISTENERS = FOLDER / "listeners"
BROADCASTER = FOLDER / "broadcaster"
RESPONDER = FOLDER / "responder"


def prepare() -> dict[str, str]:
    """Install whatever is not there yet; gives who cannot take part, and why."""
    FOLDER.mkdir(exist_ok=True)
    missing: dict[str, str] = {}
    for name, (step, contestants) in STEPS.items():
        try:
            print(f"  {name} ...", end=" ", flush=True)
            step()
            print("ready")
        except (OSError, subprocess.CalledProcessError) as error:
            missing |= dict.fromkeys(contestants, _reason(error))
            print(f"missing: {_reason(error)}")
    return missing


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return (error.stderr or b"").decode(errors="replace").strip()[-200:] or str(error)
    return str(error)


def _c_programs() -> None:
    compiler = shutil.which("cc")
    if not compiler:
        raise OSError("no C compiler: install gcc")
    for binary in (LISTENERS, BROADCASTER, RESPONDER):
        path = HERE / "load" / f"{binary.name}.c"
        if not binary.exists() or binary.stat().st_mtime < path.stat().st_mtime:
            _run(compiler, "-O2", "-o", str(binary), str(path))


def _python_peers() -> None:
    wanted = (HERE / "requirements.txt").read_text()
    stamp = FOLDER / "requirements.stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    _run(sys.executable, "-m", "venv", str(FOLDER / "venv"))
    installer = [str(PYTHON), "-m", "pip", "install", "-q", "-r", str(HERE / "requirements.txt")]
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        installer = [str(uv), "pip", "install", "-q", "--compile-bytecode", "--python"]
        installer += [str(PYTHON), "-r", str(HERE / "requirements.txt")]
    _run(*installer)
    stamp.write_text(wanted)


def _node_peer() -> None:
    if not shutil.which("npm"):
        raise OSError("no npm: install Node.js")
    shutil.copytree(HERE / "peers" / "node", FOLDER / "node", dirs_exist_ok=True)
    if not (FOLDER / "node" / "node_modules" / "ws").exists():
        _run(
            "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", folder=FOLDER / "node"
        )


def _prosody() -> None:
    if not shutil.which("prosody"):
        raise OSError("not installed: apt-get install prosody")


def _run(*command: str, folder: Path = HERE) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


# What is installed, how, and who in the table needs it.
STEPS = {
    "C programs": (_c_programs, ("C loop",)),
    "Python peers": (
        _python_peers,
        ("naive flask-sock", "Flask-SocketIO", "Django Channels", "Synapse"),
    ),
    "Node ws": (_node_peer, ("Node ws",)),
    "Prosody": (_prosody, ("Prosody",)),
}
