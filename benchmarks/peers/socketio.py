"""Flask-SocketIO on gevent, as its documentation deploys it: one worker, WebSocket transport."""

from flask import Flask
from flask_socketio import SocketIO, join_room

app = Flask(__name__)
socketio = SocketIO(app, async_mode="gevent", cors_allowed_origins="*", ping_interval=25)


@socketio.on("connect")
def enter() -> None:
    join_room("room")


@socketio.on("post")
def post(text: str) -> None:
    socketio.emit("message", text, to="room")


if __name__ == "__main__":
    import sys

    socketio.run(app, host="127.0.0.1", port=int(sys.argv[1]))
