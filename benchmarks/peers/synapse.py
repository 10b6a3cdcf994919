"""Synapse, Matrix's reference server: posting to a room, and reading it by sync."""

import json
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

CONFIG = """
server_name: localhost
pid_file: {folder}/synapse.pid
listeners:
  - port: {port}
    type: http
    bind_addresses: ["127.0.0.1"]
    resources: [{{names: [client], compress: false}}]
database: {{name: sqlite3, args: {{database: {folder}/homeserver.db}}}}
media_store_path: {folder}/media
signing_key_path: {folder}/signing.key
log_config: {folder}/log.yaml
trusted_key_servers: []
report_stats: false
# Each round reads what was said in it, not what an earlier one was answered.
caches: {{sync_response_cache_duration: 0}}
macaroon_secret_key: benchmark
enable_registration: true
enable_registration_without_verification: true
# Its limits are lifted: the row measures the server, not its politeness.
rc_message: {{per_second: 100000, burst_count: 100000}}
rc_registration: {{per_second: 100000, burst_count: 100000}}
rc_joins: {{local: {{per_second: 100000, burst_count: 100000}}}}
rc_joins_per_room: {{per_second: 100000, burst_count: 100000}}
rc_room_creation: {{per_second: 100000, burst_count: 100000}}
rc_login: {{address: {{per_second: 100000, burst_count: 100000}}}}
"""
LOG = "version: 1\nroot: {level: ERROR}\n"


def command(python: str, folder: Path, port: int) -> list[str]:
    """Write the configuration into `folder`; gives the command that serves it."""
    (folder / "homeserver.yaml").write_text(CONFIG.format(folder=folder, port=port))
    (folder / "log.yaml").write_text(LOG)
    serve = [python, "-m", "synapse.app.homeserver", "-c", str(folder / "homeserver.yaml")]
    subprocess.run([*serve, "--generate-keys"], check=True, capture_output=True)
    return serve


def quoted(text: str) -> str:
    """As part of an address."""
    return quote(text, safe="")


@dataclass
class Account:
    """One registered person and their access token."""

    port: int
    token: str = ""

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/_matrix/client/v3{path}",
            data=json.dumps(body or {}).encode() if method != "GET" else None,
            method=method,
            headers={"Authorization": f"Bearer {self.token}"} if self.token else {},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def register(self, name: str) -> None:
        body = {"username": name, "password": "benchmark", "auth": {"type": "m.login.dummy"}}
        self.token = self.call("POST", "/register", body)["access_token"]


def people_in_a_room(port: int, count: int) -> tuple[str, list[Account]]:
    """Register `count` people and join them all to one public room; gives its id and them."""
    people = [Account(port) for _ in range(count)]
    for number, person in enumerate(people):
        person.register(f"person{number}")
    room = people[0].call("POST", "/createRoom", {"preset": "public_chat"})["room_id"]
    for person in people[1:]:
        person.call("POST", f"/join/{room}")
    return room, people
