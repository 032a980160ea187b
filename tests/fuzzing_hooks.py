"""What schemathesis cannot know by itself, loaded into it by tests/test_fuzzing.py; its program is in `.venv-fuzz`.

FUZZ_SPARED names the caller's own token, account and the like, as JSON: by parameter of an address, its value.
FUZZ_QUICK is set where there is no time to make texts up by the patterns of their letters, which takes longer than all
the rest; what is wrong with them may then be told by a refusal. FUZZ_SEQUENCES is set where calls that follow from each
other are tried: what is sent then are the examples of the description, so that something is made to go on from.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import schemathesis

SPARED: dict[str, str] = json.loads(os.environ.get("FUZZ_SPARED", "{}"))
QUICK = bool(os.environ.get("FUZZ_QUICK"))
ENDS = ("delete", "post", "put", "patch")

# 400 for what a schema allows is right where no schema can say what is wrong: by code, of a fault or of the problem.
UNSAYABLE = {
    "unknown_choice": "whether there is such a code, zone, country or person is known to the portal, and changes",
    "unknown_timezone": "the same",
    "not_found": "the same",
    "country": "the same",
    "country_unknown": "the same, of the countries whose public holidays are known",
    "one_act": "of two lists one has to name something, and none the same as the other",
    "tag_characters": "letters, marks and digits of any script; not every dialect of patterns has classes",
    "stacked_marks": "30 marks on one letter; the same",
    "never_open": "seven days, all of them closed",
    "windows_overlap": "windows one after another",
    "window_ends_before_start": "a time after another",
    "standalone": "two members that do not go together",
    "not_accepted": "the same",
    "not_resolved": "the same",
    "export-needs-one-chain": "the same",
    "invalid-policy": "a draft that is sound; it is not in the body",
    "ends_before_start": "an instant after another, or after now",
    "past": "an instant after now",
    "too_far": "an instant at most so many days from now",
    "out_of_order": "a day on or after another",
    "out_of_range": "an instant at most a year from now",
    "twice": "no two that are the same but for white space",
    "undiallable": "digits enough for a telephone, however they are set apart",
    "future": "an instant that has come",
    "attachment-refused": "the name of a file, what is in it, and how many a message has",
    "attachment-mismatch": "the name of a file and what is in it",
    "invalid-resolution": "a referral with one of them, an original with another; some of them for support staff only",
    "invalid-shift": "instants after now and at most so long after each other, a role that the person has",
    "invalid-delegation": "an instant at most two years from now, a partner that there is",
    "invalid-report-range": "days at most so far from each other and from today",
}
OF_LETTERS = {
    "blank",
    "null_character",
    "control_character",
    "bidi_control",
    "zero_width",
}  # which the patterns say, where they are used
LONG_PATTERN = 100
UNSAYABLE_AT = {
    ("cursor", "invalid"): "a cursor that no list gave out",
    ("organisation", "required"): "support staff say whose terms they mean; customers have none but their own",
    ("#/organisation", "required"): "the same",
    ("#/url", "invalid"): "an address in no private network, at a port that is allowed",
    ("#/issuer", "url"): "the same",
    ("#/name", "invalid"): "a domain in letters of any script",
    ("#/customer", "invalid"): "a short name, or a domain in letters of any script",
    ("#/message", "empty"): "support staff close with a message; who calls is not in the body",
    ("#/subscription", "required"): "most categories need one",
    ("#/languages", "choice"): "which languages and services there are is known to the portal, and changes",
    ("#/services", "choice"): "the same",
    ("#/language", "language"): "the same",
    ("#/subdivision", "subdivision"): "the same",
    ("#/place", "empty"): "a workshop on site needs one",
    ("#/filters/organisation", "unknown_field"): "only support staff have it; who calls is not in the body",
    ("#/by_mail/assignment", "unknown_field"): "the same",
    ("#/by_mail/ladder", "unknown_field"): "the same",
    ("#/by_mail/incidents", "unknown_field"): "only customers have it; who calls is not in the body",
    ("#/by_mail/promise", "unknown_field"): "the same",
    ("records", "unknown_field"): "the same",
    ("organisation", "unknown_field"): "the same",
    ("tag", "unknown_field"): "the same",
    ("#/name", "unknown_field"): "the same",
    ("#/country", "unknown_field"): "the same",
    ("#/subdivision", "unknown_field"): "the same",
    ("#/is_partner", "unknown_field"): "the same",
}

WRITTEN_AT = datetime(2026, 11, 24, tzinfo=UTC)  # the day of the examples
DATE = re.compile(r"^\d{4}-\d\d-\d\d")
UNIQUE = ("slug", "code", "name", "email")  # of which there is one of each: made up anew every time


@schemathesis.hook
def filter_case(context: Any, case: Any) -> bool:
    """Let nobody end themselves: all that comes after would be refused with 401, and prove nothing."""
    named = case.path_parameters or {}
    return case.operation.method not in ENDS or not any(
        str(named.get(name)) == str(value) for name, value in SPARED.items()
    )


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """Without patterns of letters if it shall be quick; sequences have parameters by links and bodies by examples.

    The quotation marks of an ETag get lost where a header is made up by its pattern, so some are named instead.
    """
    for operation in (each for methods in raw_schema["paths"].values() for each in methods.values()):
        for parameter in (each for each in operation["parameters"] if each["name"] == "If-Match"):
            parameter["schema"] = {"type": "string", "enum": ["*", '"1"', '"999999999-6f1ed002ab559585"']}
    if QUICK:
        _forget_letters(raw_schema)
    if not os.environ.get("FUZZ_SEQUENCES"):
        return
    for operation in (each for methods in raw_schema["paths"].values() for each in methods.values()):
        operation["parameters"] = list(_needed(operation["parameters"]))
        content = operation.get("requestBody", {}).get("content", {})
        content.pop("application/merge-patch+json", None)
        for form in content.values():
            form["schema"] = _as_shown(form, raw_schema)


def _forget_letters(within: Any) -> None:
    if isinstance(within, dict) and len(str(within.get("pattern", ""))) > LONG_PATTERN:
        del within["pattern"]
    for each in within.values() if isinstance(within, dict) else within if isinstance(within, list) else ():
        _forget_letters(each)


def _needed(parameters: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for each in parameters:
        if each["name"] == "If-Match":
            yield {**each, "schema": {"type": "string", "enum": ["*"]}}
        elif each.get("required"):
            yield each


def _as_shown(form: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    name = form["schema"].get("$ref", "").rpartition("/")[2]
    whole = document["components"]["schemas"][name]
    members = whole["properties"]
    if members.get("file"):
        return {**whole, "properties": {each: members[each] for each in whole["required"]}}
    return {"anyOf": [_like(example["value"], members) for example in form["examples"].values()]}


def _like(example: dict[str, Any], members: dict[str, Any]) -> dict[str, Any]:
    properties = {
        name: members[name] if name in UNIQUE and isinstance(value, str) else {"enum": [_today(value)]}
        for name, value in example.items()
    }
    return {"type": "object", "properties": properties, "required": list(example), "additionalProperties": False}


def _today(value: Any) -> Any:
    """The same with days and instants as far ahead as they were when the examples were written."""
    if isinstance(value, dict):
        return {name: _today(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_today(each) for each in value]
    if not isinstance(value, str) or not DATE.match(value):
        return value
    day = datetime.fromisoformat(value[:10]).replace(tzinfo=UTC) + (datetime.now(UTC) - WRITTEN_AT)
    return f"{day:%Y-%m-%d}{value[10:]}"


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Whether it is a finding: neither what no description can say, nor white space that is cut off before counting."""
    if failure.code == "ST201" and ("larger than maxLength" in failure.message or "`maxLength`" in failure.message):
        return not any(each != each.strip() for each in _texts([case.query, case.body]))
    return failure.code != "ST202" or response.status_code != 400 or not _is_unsayable(json.loads(response.content))


def _texts(within: Any) -> Iterator[str]:
    if isinstance(within, str):
        yield within
    for each in within.values() if isinstance(within, dict) else within if isinstance(within, list) else ():
        yield from _texts(each)


def _is_unsayable(problem: dict[str, Any]) -> bool:
    if problem["code"] in UNSAYABLE:
        return True
    places = [(fault.get("pointer") or fault.get("parameter"), fault["code"]) for fault in problem.get("errors", [])]
    return bool(places) and all(
        code in UNSAYABLE or (QUICK and code in OF_LETTERS) or (place, code) in UNSAYABLE_AT for place, code in places
    )
