"""The browser's modules as one file: a page asks for its script once, not once for each module.

Nothing is shortened, renamed or left out. Each module becomes a function that runs at once and
gives what the module exports; whatever it imports stands above it.
"""

import re
from collections.abc import Mapping
from graphlib import TopologicalSorter

# The forms that are written here. What they leave of these words at the beginning of a line is
# refused, except for `import("...")`, which a browser does by itself whenever it is reached.
IMPORT = re.compile(
    r'^import (\{\s*\w+(?:,\s*\w+)*,?\s*\}) from "chatapp/([\w/]+)";$', re.MULTILINE
)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
UNKNOWN = re.compile(r"^(?:import\b(?!\()|export\b).*", re.MULTILINE)


class JoinError(Exception):
    """A module cannot stand in one file with the others."""


def join(modules: Mapping[str, str]) -> str:
    """One script out of the sources of all modules, given by name: "app", "room/news".

    Raises JoinError for a way to import or export that is not known here, and for a module that is
    not there; graphlib.CycleError, with their names, for modules that import each other.
    """
    needs = {name: [found[2] for found in IMPORT.finditer(modules[name])] for name in modules}
    order = TopologicalSorter(needs).static_order()
    return "const $modules = {};\n" + "".join(_joined(name, modules) for name in order)


def _joined(name: str, modules: Mapping[str, str]) -> str:
    if name not in modules:
        raise JoinError(f'There is no module "chatapp/{name}", but it is imported.')
    source = modules[name]
    body = IMPORT.sub(r'const \1 = $modules["\2"];', EXPORT.sub("", source))
    if unknown := UNKNOWN.search(body):
        raise JoinError(f'"chatapp/{name}" cannot be joined with the others: {unknown[0]}')
    exports = ", ".join(EXPORT.findall(source))
    return f'$modules["{name}"] = (() => {{\n{body}return {{ {exports} }};\n}})();\n'
