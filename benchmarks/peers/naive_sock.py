"""Broadcast as flask-sock's own examples do it: a set of sockets and a loop that sends to each."""

from flask import Flask
from flask_sock import Sock

app = Flask(__name__)
sock = Sock(app)
listeners: set = set()


@sock.route("/ws")
def chat(ws) -> None:
    listeners.add(ws)
    try:
        while True:
            text = ws.receive()
            for listener in list(listeners):
                listener.send(text)
    finally:
        listeners.discard(ws)
