from flask import Response, jsonify

from chatapp.chat import chat


@chat.get("/up")
def up() -> Response:
    """Whether this process serves: for load balancers, containers and whoever waits for it.

    The database is not asked: a process that waits for it is up, and says so on its pages.
    """
    return jsonify(status="ok")
