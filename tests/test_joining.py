import re
from graphlib import CycleError
from pathlib import Path

import pytest

from chatapp.joining import JoinError, join

MODULES = Path(__file__).resolve().parent.parent / "chatapp" / "static" / "js"


def test_each_module_stands_below_what_it_imports() -> None:
    script = join(
        {
            "app": 'import { ring } from "chatapp/door/bell";\nring();\n',
            "door/bell": "const LOUD = 3;\nexport const ring = () => LOUD;\n",
        }
    )
    assert script == (
        "const $modules = {};\n"
        '$modules["door/bell"] = (() => {\n'
        "const LOUD = 3;\nconst ring = () => LOUD;\n"
        "return { ring };\n})();\n"
        '$modules["app"] = (() => {\n'
        'const { ring } = $modules["door/bell"];\nring();\n'
        "return {  };\n})();\n"
    )


@pytest.mark.parametrize(
    "export", ["const a = 1;", "function a() {}", "async function a() {}", "class a {}"]
)
def test_what_a_module_exports_is_known_to_the_others(export: str) -> None:
    script = join({"a": f"export {export}\n", "b": 'import {\n  a,\n} from "chatapp/a";\n'})
    assert f"\n{export}\nreturn {{ a }};" in script
    assert 'const {\n  a,\n} = $modules["a"];' in script


@pytest.mark.parametrize(
    "line",
    [
        "export default 1;",
        "export { a };",
        "export let a = 1;",
        "export function* a() {}",
        'import a from "chatapp/b";',
        'import * as a from "chatapp/b";',
        'import { a as c } from "chatapp/b";',
        'import "chatapp/b";',
        'import { a } from "elsewhere";',
    ],
)
def test_a_form_that_cannot_be_joined_is_refused(line: str) -> None:
    with pytest.raises(JoinError, match=re.escape(line)):
        join({"a": f"const c = 1;\n{line}\n", "b": "export const a = 1;\n"})


def test_what_is_imported_later_is_left_to_the_browser() -> None:
    later = 'import("@hotwired/turbo").then(go);\n'
    assert later in join({"a": later})


def test_a_module_that_is_missing_is_named() -> None:
    with pytest.raises(JoinError, match='"chatapp/b"'):
        join({"a": 'import { b } from "chatapp/b";\n'})


def test_modules_that_import_each_other_are_named() -> None:
    with pytest.raises(CycleError, match=r"'a'.*'b'|'b'.*'a'"):
        join({"a": 'import { b } from "chatapp/b";\n', "b": 'import { a } from "chatapp/a";\n'})


def test_our_modules_are_all_there() -> None:
    names = (path.relative_to(MODULES).with_suffix("") for path in MODULES.rglob("*.js"))
    sources = {str(name): (MODULES / f"{name}.js").read_text() for name in names}
    script = join(sources)
    assert len(sources) > 40
    assert sorted(re.findall(r'^\$modules\["(.*)"\] = ', script, re.MULTILINE)) == sorted(sources)
    for name, source in sources.items():
        for line in source.splitlines():
            assert line.startswith(("import ", "export ")) or line in script, name
