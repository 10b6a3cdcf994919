"""Flask's hello world: the most that any page on this server can reach."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    return "Hello, World!"
