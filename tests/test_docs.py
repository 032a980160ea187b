"""The pages for people stay true: what they name exists, and what exists is named."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.db import connection

from accounts.models.audit import DeliveryState
from accounts.scopes import SCOPES
from tests.door.operations import operations
from tickets import webhooks
from tickets.models.timers import TimerKind, TimerState

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
RULES, OPERATIONS, DEPENDENCIES = (ROOT / "docs" / f"{name}.md" for name in ("rules", "operations", "dependencies"))
APPS = ("accounts", "selfhelp", "severity", "sla", "support_portal", "tickets")
CITING = (*APPS, "templates", "static", "tests", "bench", "tools", "docs")
FOLDERS = {*CITING, "portal_cli", "locale", "requirements", "lexicon", "training"}
APP_FOLDERS = [ROOT / app for app in APPS]

RULE_ID = re.compile(r"(?<![A-Za-z0-9-])(?:[A-Z]{2,3}|P)-\d+(?![\w-])")
NOT_RULES = {"UTF", "UTC", "SHA", "SR", "EN", "AES", "ISO", "RFC", "KB", "CP", "UTS", "HTTP"}  # what looks like one
ROW = re.compile(r"^\| ((?:[A-Z]{2,3}|P)-\d+) \| (.+) \| (.*) \| (.*) \| (.+) \|$", re.MULTILINE)
CODE_SPAN = re.compile(r"`([^`\n]+)`")
CODE_BLOCK = re.compile(r"^ *```.*\n((?:.*\n)*?) *```$", re.MULTILINE)
INDENTED = re.compile(r"^ {4}(\S.*)$", re.MULTILINE)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
SETTLED_POINT = re.compile(r"[Ss]ettled point (\d+)")
SETTLED = re.compile(r"^\| (\d+) \| .+ \| (.+) \| (.+) \|$", re.MULTILINE)
FILE = re.compile(r"(?:[\w.-]+/)+[\w.-]*")  # as pages name it: from the top of the repository
ADDRESS = re.compile(r"((?:(?:GET|POST|PUT|PATCH|DELETE)(?:, )?)+) (?:/api/v1)?(/[\w{}/-]+/)(?:\?.*)?")
NAME = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*"
VARIABLE_READ = re.compile(
    rf"""(?:environment\.\w+|_secret|environ\.get)\(\s*"({NAME})"|environ\["({NAME})"\]"""
    rf"""|"({NAME})" (?:not )?in os\.environ"""
)
SHELL_VARIABLE_READ = re.compile(rf"\$\{{({NAME}):-")
NOT_OURS = {"PATH", "DJANGO_SETTINGS_MODULE", "SSL_CERT_FILE"}  # everybody's
SET_BY_US = {"DOOR", "FUZZ", "WARM_UP", "CHAOS", "PROMETHEUS_MULTIPROC_DIR"}  # by one part of the portal for another
HEADINGS = {
    "run.in": "Run time",
    "cli.in": "Command-line client",
    "dev.in": "Tests and tools",
    "train.in": "Training",
    "fuzz.in": "Fuzzing",
}
LARGEST_PICTURE = 250_000


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".html", ".toml", ".txt", ".css", ".js", ".md", "") and path.is_file():
                yield path


def code_in(text: str) -> str:
    """Everything that a page writes as code: spans and blocks."""
    return "\n".join([*CODE_SPAN.findall(text), *CODE_BLOCK.findall(text), *INDENTED.findall(text)])


def anchors_of(text: str) -> set[str]:
    """The anchors that headings get."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def section(text: str, heading: str) -> str:
    """One section of a page."""
    return text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def rules() -> dict[str, tuple[str, str, str, str]]:
    """The rows of docs/rules.md: id to rule, where enforced, where proven, state."""
    return {row[0]: row[1:] for row in ROW.findall(text_of(RULES))}


def alerts() -> set[str]:
    """The codes of what operators are told to look at."""
    health = text_of(ROOT / "support_portal" / "health.py")
    at_once = health.split("    alerts = {", 1)[1].split("}", 1)[0]
    return {*re.findall(r'^ +"(\w+)":', at_once, re.MULTILINE), *re.findall(r'alerts\.append\("(\w+)"', health)}


def cites(path: Path, rule: str) -> bool:
    """Whether this file, or a file of this folder, cites the rule."""
    files = sources(name_of(path)) if path.is_dir() else [path]
    return any(rule in RULE_ID.findall(text_of(file)) for file in files)


@pytest.mark.parametrize("folder", CITING)
def test_every_rule_that_is_cited_is_on_the_page_of_rules(folder: str) -> None:
    known = rules().keys()
    cited = {(found, name_of(path)) for path in sources(folder) for found in RULE_ID.findall(text_of(path))}

    unknown = {(found, where) for found, where in cited if found not in known}
    assert not {(found, where) for found, where in unknown if found.partition("-")[0] not in NOT_RULES}


def test_the_page_of_rules_lists_every_rule_once() -> None:
    found = [row[0] for row in ROW.findall(text_of(RULES))]
    numbers = {"CH": 5, "SC": 6, "SH": 2, "PS": 1, "BI": 2, "TE": 4, "SE": 5, "SLA": 6, "LA": 2, "RO": 5}
    numbers |= {"EL": 1, "PA": 1, "FE": 1, "P": 10}

    assert sorted(found) == sorted(f"{prefix}-{n}" for prefix, most in numbers.items() for n in range(1, most + 1))


@pytest.mark.parametrize("rule", rules())
def test_a_rule_is_cited_where_the_page_says_that_it_is_enforced_and_proven(rule: str) -> None:
    _, enforced, proven, state = rules()[rule]
    named = [ROOT / path for path in CODE_SPAN.findall(f"{enforced} {proven}") if "/" in path]

    assert [name_of(path) for path in named if not path.exists() or not cites(path, rule)] == []
    assert re.match(r"Now$|In part: .|Planned", state)
    assert state != "Now" or "tests/" in proven
    assert state == "Planned" or named


@pytest.mark.parametrize("folder", CITING)
def test_every_settled_point_that_is_cited_is_on_the_page_of_rules(folder: str) -> None:
    told = {number for number, _, _ in SETTLED.findall(text_of(RULES))}

    assert {number for path in sources(folder) for number in SETTLED_POINT.findall(text_of(path))} <= told


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_of_ours_that_is_named_exists(page: Path) -> None:
    named = {path for path in CODE_SPAN.findall(text_of(page)) if FILE.fullmatch(path) and is_ours(path)}

    assert {path for path in named if not any((base / path).exists() for base in (ROOT, *APP_FOLDERS))} == set()


def is_ours(path: str) -> bool:
    """Whether a page means a file or folder of the repository, rather than one that a run makes."""
    return path.partition("/")[0] in FOLDERS and "NAME" not in path


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_operation_that_is_named_exists(page: Path) -> None:
    there = {(operation.method, shape_of(operation.pattern)) for operation in operations() if operation.is_api}
    named = {
        (method, shape_of(f"api/v1{address}"))
        for methods, address in ADDRESS.findall("\n".join(CODE_SPAN.findall(text_of(page))))
        for method in methods.split(", ")
    }

    assert named - there - {("GET", "api/v1/metrics/")} == set()


def test_every_group_of_operations_is_told_of() -> None:
    groups = {operation.pattern.split("/")[2] for operation in operations() if operation.is_api}
    page = re.sub(r"(https://[\w.]+)?/api/v1", "", code_in(text_of(ROOT / "docs" / "api.md")))

    assert groups - set(re.findall(r"(?<![\w}…])/([a-z-]+)/", page)) == set()


def shape_of(pattern: str) -> str:
    """An address with whatever varies in it left open."""
    return re.sub(r"<[^>]+>|{[^}]+}", "{}", pattern)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(text_of(page)):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert not anchor or anchor in anchors_of(text_of(file)), target


@pytest.mark.parametrize("picture", sorted((ROOT / "docs" / "img").glob("*")), ids=name_of)
def test_pictures_are_small_and_shown_somewhere(picture: Path) -> None:
    assert picture.stat().st_size <= LARGEST_PICTURE
    assert any(picture.name in text_of(page) for page in PAGES)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))

    assert set(re.findall(r"\bmake ([a-z-]+)", code_in(text_of(page)))) <= targets


def test_every_target_of_the_makefile_says_what_it_does() -> None:
    listed = text_of(ROOT / "Makefile").split(".PHONY:", 1)[1].splitlines()[0].split()

    assert all(re.search(rf"^{target}:.* ## \S", text_of(ROOT / "Makefile"), re.MULTILINE) for target in listed)


def variables_read() -> set[str]:
    """The variables of the environment that the portal, its tools and its tests' browser look at."""
    portal = "".join(text_of(path) for path in sources("support_portal") if path.name != "settings_test.py")
    tests = "".join(text_of(path) for path in [ROOT / "tests" / "browser.py", *sources("tests/chaos", "bench")])
    tools = "".join(map(text_of, sources("tools")))
    found = {name for match in VARIABLE_READ.findall(portal + tests) for name in match}
    return (found | set(SHELL_VARIABLE_READ.findall(tools))) - NOT_OURS - SET_BY_US - {""}


def compose_variables() -> set[str]:
    return set(re.findall(rf"\$\{{({NAME})", text_of(ROOT / "docker-compose.yml")))


def test_every_variable_that_is_read_is_documented() -> None:
    settings = set(re.findall(rf"`({NAME})`", section(text_of(OPERATIONS), "Settings")))
    overview = set(re.findall(rf"`({NAME})`", section(text_of(ROOT / "README.md"), "On real servers")))

    assert variables_read() - settings == set()
    assert variables_read() - overview == set()


def test_every_variable_that_is_documented_is_read() -> None:
    first_cells = re.findall(r"^\|([^|]+)\|", section(text_of(OPERATIONS), "Settings"), re.MULTILINE)
    documented = {name for cell in first_cells for name in re.findall(rf"`({NAME})`", cell)}
    for page in PAGES:
        documented |= set(re.findall(rf"(?<![\w$\"'])({NAME})=", code_in(text_of(page))))

    taken_by_make = set(re.findall(rf"\$\(or \$\(({NAME})\)", text_of(ROOT / "Makefile")))

    assert documented - variables_read() - compose_variables() - taken_by_make - NOT_OURS == set()


def test_every_command_of_ours_is_documented_and_exists() -> None:
    ours = {name for name, app in get_commands().items() if app in APPS}
    documented = set(re.findall(r"^\| `([a-z_]+)[ `]", section(text_of(OPERATIONS), "Commands"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"manage\.py ([a-z_]+)", code_in(text_of(page)))}

    assert documented == ours
    assert named <= set(get_commands())


LISTED: dict[str, tuple[str, Iterable[str]]] = {
    "scopes": ("api.md", SCOPES),
    "types of webhooks": ("webhooks.md", webhooks.TYPES),
    "changes of webhooks": ("webhooks.md", webhooks.CHANGES.values()),
    "kinds of timers": ("operations.md", TimerKind.values),
    "states of timers": ("operations.md", TimerState.values),
    "states of deliveries": ("operations.md", DeliveryState.values),
    "alerts": ("operations.md", alerts()),
    "metrics": ("operations.md", re.findall(r'"(portal_\w+)"', text_of(ROOT / "support_portal" / "metrics.py"))),
}


@pytest.mark.parametrize("kind", LISTED)
def test_everything_of_a_kind_is_told_on_its_page(kind: str) -> None:
    page, names = LISTED[kind]
    told = text_of(ROOT / "docs" / page)

    assert len({*names}) > 3
    assert {name for name in names if not re.search(rf"`{name}(?:_total)?[`{{]", told)} == set()


@pytest.mark.parametrize("file", ["run.in", "cli.in", "dev.in", "train.in", "fuzz.in"])
def test_every_dependency_has_its_reason(file: str) -> None:
    lines = text_of(ROOT / "requirements" / file).splitlines()
    required = {re.split(r"[^\w.-]", line)[0] for line in lines if line and line[0] not in "#-"}
    explanations = section(text_of(DEPENDENCIES), HEADINGS[file])
    explained = re.findall(r"^\| `([\w.-]+)` \| \S.+ \|$", explanations, re.MULTILINE)

    assert sorted(explained, key=str.lower) == sorted(required, key=str.lower)


def test_python_is_the_one_that_the_pages_ask_for() -> None:
    floor = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]["requires-python"].removeprefix(">=")

    assert f"Python {floor} or newer" in text_of(ROOT / "README.md")
    assert f"Python {floor} or later" in text_of(DEPENDENCIES)


@pytest.mark.parametrize("view", ["ops_timer", "ops_delivery", "ops_event"])
def test_the_views_for_operators_have_the_columns_that_are_documented(view: str, db: None) -> None:
    row = re.search(rf"^\| `{view}` \| `(.+)` \|$", text_of(OPERATIONS), re.MULTILINE)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {view} LIMIT 0")
        columns = [column.name for column in cursor.description]

    assert row
    assert row[1].split(", ") == columns
