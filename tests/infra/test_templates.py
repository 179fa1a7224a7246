"""The Bicep templates: syntax, names, and modules that fit together."""

from __future__ import annotations

import json
import re

import pytest

from tests.infra.bicep import (
    INFRA,
    assignment_faults,
    json_keys,
    loaded_files,
    module_faults,
    read_parameters,
    read_template,
)

FILES = {file.name: file.read_text() for file in sorted(INFRA.glob("*.bicep"))}
GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@pytest.mark.parametrize("name", FILES)
def test_template_is_sound(name: str) -> None:
    assert read_template(name, FILES[name]).faults == []


def test_modules_are_given_what_they_take() -> None:
    assert module_faults(read_template(name, text) for name, text in FILES.items()) == []


def test_parameters_file_fits_the_template() -> None:
    parameters = read_parameters("main.bicepparam", (INFRA / "main.bicepparam").read_text())
    assert parameters.faults == []
    assert assignment_faults(parameters, read_template("main.bicep", FILES["main.bicep"])) == []


@pytest.mark.parametrize("name", FILES)
def test_files_that_a_template_takes_in_exist(name: str) -> None:
    assert [file for file in loaded_files(FILES[name]) if not (INFRA / file).is_file()] == []


def test_every_query_is_used() -> None:
    used = frozenset[str]().union(*(loaded_files(text) for text in FILES.values()))
    assert {f"queries/{file.name}" for file in (INFRA / "queries").iterdir()} == {
        file for file in used if file.startswith("queries/")
    }


def test_ids_of_roles_stand_in_one_place_with_their_names() -> None:
    roles = {name for name in json.loads((INFRA / "roles.json").read_text()) if not name.startswith("$")}
    looked_up = {key for text in FILES.values() for key in json_keys(text, "roles.json")}
    listed = {name for name in roles if any(f"'{name}'" in text for text in FILES.values())}
    assert looked_up <= roles
    assert roles == listed, "roles.json holds roles that no template assigns"
    strangers = {file.name for file in INFRA.rglob("*") if file.is_file() and GUID.search(file.read_text())}
    assert strangers <= {"roles.json", "grant-graph-permission"}


def test_no_secret_and_no_key_stands_in_a_template() -> None:
    for name, text in FILES.items():
        assert not re.search(r"AccountKey|SharedAccessKey|listKeys\(\)\.keys", text), name


def test_short_names_of_action_groups_are_short_enough() -> None:
    names = [name for text in FILES.values() for name in re.findall(r"groupShortName: '([^']+)'", text)]
    assert names
    assert [name for name in names if len(name) > 12] == []


GOOD = """
param place string
param sizes int[] = [1]
var roles = loadJsonContent('roles.json')

resource account 'Contoso.Storage/accounts@2024-01-01' = {
  name: place
  tags: toObject(sizes, size => 'k${size}', size => roles['Reader'])

  resource child 'children' existing = {
    name: 'x'
  }
}

module part 'part.bicep' = [
  for (size, index) in sizes: {
    name: 'part-${index}-${size}'
    params: {
      id: account::child.id
    }
  }
]

output id string = account.id
"""


def test_a_sound_template_has_no_faults() -> None:
    assert read_template("good.bicep", GOOD).faults == []
    assert json_keys(GOOD, "roles.json") == {"Reader"}


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("name: place", "name place", "syntax error"),
        ("  tags:", "  tags: {", "syntax error"),
        ("'part.bicep'", "'part.bicep", "syntax error"),
        ("= account.id", "= acount.id", "acount is not declared"),
        ("name: place", "name: 'x'", "place is never used"),
        ("${size}'", "${weight}'", "weight is not declared"),
        ("account::child", "accounts::child", "accounts is not declared"),
        ("toObject(", "toObjects(", "toObjects is no function that we know"),
    ],
)
def test_a_broken_template_is_found_out(before: str, after: str, fault: str) -> None:
    assert before in GOOD
    faults = read_template("broken.bicep", GOOD.replace(before, after, 1)).faults
    assert any(fault in found for found in faults), faults


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        ("param id string\noutput x string = id", None),
        ("param id string = ''\nparam more string = id\noutput x string = more", None),
        ("param id string\nparam more string\noutput x string = '${id}${more}'", "is not given more"),
        ("param ids string\noutput x string = ids", "takes no id"),
    ],
)
def test_a_module_that_is_not_given_what_it_takes_is_found_out(part: str, fault: str | None) -> None:
    faults = module_faults([read_template("good.bicep", GOOD), read_template("part.bicep", part)])
    assert any(fault in found for found in faults) if fault else faults == []


def test_an_output_that_a_module_has_not_is_found_out() -> None:
    caller = "module part 'part.bicep' = {\n  name: 'x'\n}\noutput y string = part.outputs.y\n"
    part = "output x string = 'x'"
    assert module_faults([read_template("caller.bicep", caller), read_template("part.bicep", part)]) == [
        "caller.bicep: module part has no output y"
    ]


def test_a_parameter_of_another_type_is_found_out() -> None:
    caller = "param size int\nmodule part 'part.bicep' = {\n  name: 'x'\n  params: {\n    size: size\n  }\n}\n"
    part = "param size string\noutput x string = size"
    assert module_faults([read_template("caller.bicep", caller), read_template("part.bicep", part)]) == [
        "caller.bicep: module part takes size as string, but is given int"
    ]


def test_a_parameters_file_that_does_not_fit_is_found_out() -> None:
    template = read_template("main.bicep", "param a string\nparam b string = a\noutput x string = b")
    assert assignment_faults(read_parameters("main.bicepparam", "using 'main.bicep'\n\nparam c = 1\n"), template) == [
        "main.bicepparam: a is not given",
        "main.bicepparam: main.bicep takes no c",
    ]
    assert read_parameters("main.bicepparam", "param a = (1\n").faults != []
