"""The rules as functions: each takes sources and returns what breaks it, one line each."""

import ast
from collections.abc import Iterable

from tests.architecture.source import Source, dotted

FILE_LINES = 300
FUNCTION_LINES = 40
LONG_FUNCTION_LINES = 25
TRANSACTION = "chatapp/domain/transaction.py"
SESSION_NAMES = ("session", "db.session", "self.session")


def commits(files: Iterable[Source]) -> list[str]:
    """Every place that commits."""
    return [
        f"{file.name}:{line} commits"
        for file in files
        for name, line in file.calls()
        if name.endswith(".commit")
    ]


def records_outside_domain(files: Iterable[Source]) -> list[str]:
    """Announcing is part of a verb, and verbs live in domain/."""
    return [
        f"{file.name}:{line} records an event"
        for file in files
        if not file.name.startswith("chatapp/domain/")
        for name, line in file.calls()
        if name.split(".")[-1] == "record"
    ]


def sessions_in_doors(files: Iterable[Source]) -> list[str]:
    """A view asks domain/; it does not touch the database itself."""
    return [
        f"{file.name} imports db"
        for file in files
        if ("chatapp.extensions", "db") in set(file.imported())
    ]


def requests_in_domain(files: Iterable[Source]) -> list[str]:
    """A verb takes what it needs as arguments."""
    refused = {("flask", name) for name in ("request", "g", "session")}
    refused |= {("flask_login", "current_user")}
    return [
        f"{file.name} imports {module}.{name}"
        for file in files
        for module, name in file.imported()
        if (module, name) in refused
    ]


def writes_in_models(files: Iterable[Source]) -> list[str]:
    """Models answer questions; they never change the world."""
    refused = {"add", "delete", "flush", "commit", "execute"}
    return [
        f"{file.name}:{line} calls {name}"
        for file in files
        for name, line in file.calls()
        if name.rpartition(".")[0] in SESSION_NAMES and name.rpartition(".")[2] in refused
    ]


def long_files(files: Iterable[Source], limit: int = FILE_LINES) -> list[str]:
    return [f"{file.name} has {file.lines} lines" for file in files if file.lines > limit]


def long_functions(files: Iterable[Source], limit: int = FUNCTION_LINES) -> list[str]:
    """Longer than the limit, docstring not counted."""
    return [
        f"{file.name}:{function.lineno} {function.name} has {size} lines"
        for file in files
        for function in file.functions()
        if (size := length(function)) > limit
    ]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """In lines. A docstring does not count, nor does a table that is all there is."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    if not body or (len(body) == 1 and is_table(body[0])):
        return 1
    last = body[-1].end_lineno or body[-1].lineno
    return last - body[0].lineno + 1


def is_table(node: ast.stmt) -> bool:
    return isinstance(node, ast.Return) and isinstance(node.value, ast.Dict | ast.List | ast.Tuple)


def poor_names(files: Iterable[Source]) -> list[str]:
    """Names that say nothing about what is inside."""
    refused = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base"}
    return [
        f"{file.name} says nothing by its name"
        for file in files
        if refused & set(file.name.removesuffix(".py").split("/"))
    ]


def undocumented_modules(files: Iterable[Source]) -> list[str]:
    """A module tells in its docstring, or in that of its one class, what it is for."""
    return [
        f"{file.name} has no docstring"
        for file in files
        if file.text.strip() and not documented(file.tree)
    ]


def documented(tree: ast.Module) -> bool:
    if ast.get_docstring(tree):
        return True
    public = [
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_")
    ]
    return all(ast.get_docstring(node) or dotted_bases(node) for node in public)


def dotted_bases(node: ast.ClassDef | ast.FunctionDef) -> list[str]:
    return [dotted(base) for base in getattr(node, "bases", [])]
