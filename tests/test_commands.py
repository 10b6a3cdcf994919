"""What an operator types first: each thing that can be wrong is one clear sentence."""

import os
import socket
import subprocess
import sys
from collections import namedtuple

import pytest

from config import ROOT
from scripts import environment

Version = namedtuple("Version", "major minor")


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_lists_every_target():
    told = run("make").stdout
    for target in ("run", "dev", "test", "check", "db", "seed", "lock", "bench", "faults", "clean"):
        assert f"make {target} " in told


def test_a_port_in_use_is_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        answer = run(
            sys.executable, "-m", "gunicorn", "wsgi:app", INSTANCE_PATH=str(tmp_path), PORT=port
        )
    assert answer.returncode == 1
    sentence = f"chatapp does not start: it cannot listen on 127.0.0.1:{port} (Address already in"
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "Retrying" not in answer.stderr


def test_an_old_python_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", Version(3, 9))
    with pytest.raises(SystemExit):
        environment.main("run")
    told = capsys.readouterr().err
    assert told.startswith("chatapp needs Python 3.11 or newer; ")
    assert told.endswith(" is 3.9.\n")


def test_a_folder_that_cannot_be_written_is_one_sentence(monkeypatch, capfd, tmp_path):
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / ".venv"
    monkeypatch.setattr(environment, "VENV", folder)
    monkeypatch.setattr(environment, "PYTHON", folder / "bin" / "python")
    with pytest.raises(SystemExit):
        environment.main("run")
    assert (
        f"No environment could be made in {folder}: is the folder writable"
        in capfd.readouterr().err
    )


def test_what_is_installed_is_not_installed_again(monkeypatch, tmp_path):
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python"
    python.write_text("")
    monkeypatch.setattr(environment, "VENV", tmp_path)
    monkeypatch.setattr(environment, "PYTHON", python)
    assert not environment.is_current("run")
    environment.stamp("run").write_text(environment.digest("run"))
    # Nobody knows whether it was made to its end.
    assert not environment.is_current("run")
    environment.note()
    assert environment.is_current("run")
    monkeypatch.setenv("CHATAPP_PYTHON_NAMED", "command")
    assert not environment.is_current("run")
    monkeypatch.delenv("CHATAPP_PYTHON_NAMED")
    assert not environment.is_current("dev")
    environment.main("run")


def test_an_environment_is_made_anew_where_it_cannot_be_used(monkeypatch, tmp_path):
    made = tmp_path / ".venv"
    monkeypatch.setattr(environment, "VENV", made)
    monkeypatch.setattr(environment, "PYTHON", made / "bin" / "python")
    venv = [sys.executable, "-m", "venv"]
    # As it is when it is ended in between, or where Debian's Python comes without that module.
    subprocess.run([*venv, "--without-pip", made], check=True)
    assert not environment.is_made()
    # By an earlier version, which noted nothing.
    subprocess.run([*venv, "--clear", made], check=True)
    assert environment.is_made()
    elsewhere = tmp_path / "elsewhere"
    made.rename(elsewhere)
    monkeypatch.setattr(environment, "VENV", elsewhere)
    monkeypatch.setattr(environment, "PYTHON", elsewhere / "bin" / "python")
    assert not environment.is_made()
