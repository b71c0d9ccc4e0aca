"""The house keeps its shape: rooms import only what they may, libraries stay in their rooms, nothing grows too large."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("models", "probes", "evidence", "scheduler", "dashboard")
MAY_IMPORT = {
    "models": {"models"},
    "probes": {"probes", "models"},
    "evidence": {"evidence", "models"},
    "scheduler": {"scheduler", "probes", "evidence", "models"},
    "dashboard": {"dashboard", "evidence", "models"},
}
LAB_USERS = ("scheduler/cli/demo.py", "scheduler/cli/selftest.py", "scheduler/cli/rules.py")
LIBRARIES = {
    "httpx": ("probes/",),
    "dns": ("probes/",),
    "streamlit": ("dashboard/",),
    "fastapi": ("dashboard/",),
    "starlette": ("dashboard/", "probes/control_server.py"),
    "uvicorn": ("dashboard/", "probes/control_server.py"),
    "apscheduler": ("scheduler/",),
    "sqlmodel": ("models/store/",),
    "sqlalchemy": ("models/store/",),
    "sqlite3": ("models/store/",),
    "alembic": ("models/store/",),
}
NETWORK = {"socket", "asyncio", "http", "urllib.request", "ssl", "requests", "aiohttp"}
UNNAMES = {"utils", "util", "helpers", "helper", "manager", "base", "common", "core", "misc"}
LONGEST_FUNCTION = 40
LONGEST_FILE = 400


def _files() -> list[Path]:
    return sorted(
        file.relative_to(ROOT)
        for room in (*ROOMS, "tests/lab")
        for file in (ROOT / room).rglob("*.py")
        if "__pycache__" not in file.parts
    )


FILES = _files()
EVERY_FILE = pytest.mark.parametrize("file", FILES, ids=str)


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"), str(file))


def imported(file: Path) -> Iterator[str]:
    """The full names of all modules that a file imports, at its top or inside functions."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: a relative import hides which room is meant"
            yield node.module or ""
            yield from (f"{node.module}.{name.name}" for name in node.names)


def room(file: Path) -> str:
    return file.parts[0]


def within(file: Path, places: tuple[str, ...]) -> bool:
    return any(str(file).startswith(place) for place in places)


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(file)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@EVERY_FILE
def test_a_room_imports_only_the_rooms_that_it_may(file: Path) -> None:
    if room(file) == "tests":
        return  # the lab may import all
    rooms = {name.split(".")[0] for name in imported(file)} & {*ROOMS, "lab"}
    allowed = MAY_IMPORT[room(file)] | ({"lab"} if str(file) in LAB_USERS else set())
    assert rooms <= allowed


@EVERY_FILE
def test_a_library_stays_in_its_room(file: Path) -> None:
    if room(file) == "tests":
        return
    used = {name.split(".")[0] for name in imported(file)}
    strayed = [library for library, places in LIBRARIES.items() if library in used and not within(file, places)]
    assert strayed == []


@EVERY_FILE
def test_the_judge_never_touches_the_network(file: Path) -> None:
    if room(file) == "evidence":
        assert not NETWORK & set(imported(file))


@EVERY_FILE
def test_nothing_is_imported_inside_functions_but_optional_extras(file: Path) -> None:
    optional = {"uvloop", "psycopg", "lab", "resource", "fcntl", "pwd"}
    for function in functions(file):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {name.name for name in node.names} if isinstance(node, ast.Import) else {node.module or ""}
                assert {name.split(".")[0] for name in names} <= optional, f"{file}:{node.lineno}"


def for_types(file: Path) -> set[int]:
    """The nodes under `if TYPE_CHECKING:`, which are never run."""
    blocks = (
        node
        for node in ast.walk(tree(file))
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    )
    return {id(inner) for block in blocks for part in block.body for inner in ast.walk(part)}


def importers() -> dict[str, set[str]]:
    """Module -> the modules of ours that must be there before it."""
    modules = {str(file.with_suffix("")).replace("/", ".").removesuffix(".__init__"): file for file in FILES}

    def needed(file: Path) -> Iterator[str]:
        typing_only = for_types(file)
        for node in ast.walk(tree(file)):
            if id(node) in typing_only:
                continue
            if isinstance(node, ast.Import):
                yield from (name.name for name in node.names)
            elif isinstance(node, ast.ImportFrom):
                for name in node.names:  # `from package import module` needs the module, not what the package offers
                    full = f"{node.module}.{name.name}"
                    yield full if full in modules else node.module or ""

    return {name: {found for found in needed(file) if found in modules} for name, file in modules.items()}


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = importers()
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, f"a ring of imports: {' -> '.join((*path, name))}"
        if name in done:
            return
        for further in graph[name]:
            walk(further, (*path, name))
        done.add(name)

    for name in graph:
        walk(name, ())


@EVERY_FILE
def test_a_file_is_short_enough_to_be_read_whole(file: Path) -> None:
    assert len((ROOT / file).read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@EVERY_FILE
def test_a_function_fits_on_a_page(file: Path) -> None:
    long = [
        f"{file}:{function.lineno} {function.name}"
        for function in functions(file)
        if (function.end_lineno or 0) - function.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


@EVERY_FILE
def test_a_file_says_in_its_first_line_what_lives_in_it(file: Path) -> None:
    assert (ROOT / file).read_text(encoding="utf-8").startswith('"""')


@EVERY_FILE
def test_a_file_is_named_by_a_noun_of_the_field(file: Path) -> None:
    assert not UNNAMES & set(file.with_suffix("").parts)


@EVERY_FILE
def test_no_failure_is_swallowed(file: Path) -> None:
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
            )
            silent = all(isinstance(part, ast.Pass) for part in node.body)
            assert node.type is not None, f"{file}:{node.lineno}: a bare except"
            assert not (broad and silent), f"{file}:{node.lineno}: an except that hides everything"


def test_no_module_shadows_the_standard_library_where_streamlit_puts_it_first() -> None:
    names = {file.stem for file in FILES if len(file.parts) == 2 and room(file) == "dashboard"}
    third_party = {"httpx", "dns", "models", "probes", "evidence", "scheduler", "streamlit", "fastapi", "lab"}
    assert not names & (set(sys.stdlib_module_names) | third_party) - {"__init__", "__main__"}


def test_there_is_something_to_check() -> None:
    assert {room(file) for file in FILES} == {*ROOMS, "tests"}
    assert len(FILES) > 50
