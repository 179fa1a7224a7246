"""Reads Bicep as far as one can without its compiler: syntax, names, and what modules take and give."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import tree_sitter_bicep
from tree_sitter import Language, Parser

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tree_sitter import Node

INFRA = Path(__file__).parents[2] / "infra"

_PARSER = Parser(Language(tree_sitter_bicep.language()))

_DECLARATIONS = {
    "parameter_declaration": "param",
    "variable_declaration": "var",
    "resource_declaration": "resource",
    "module_declaration": "module",
    "output_declaration": "output",
}

FUNCTIONS = frozenset(
    {
        "bool",
        "concat",
        "empty",
        "environment",
        "guid",
        "int",
        "json",
        "loadJsonContent",
        "loadTextContent",
        "readEnvironmentVariable",
        "replace",
        "resourceGroup",
        "split",
        "string",
        "subscriptionResourceId",
        "tenant",
        "toLower",
        "toObject",
        "toUpper",
        "union",
        "uniqueString",
        "uriComponent",
    }
)
"""The functions of Bicep that the templates use (Microsoft Learn, "Bicep functions")."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a template: its type as written, and whether a caller has to give it."""

    type: str
    is_required: bool


@dataclass(frozen=True)
class ModuleCall:
    """A module as another template uses it. `arguments` are the parameters given, as written."""

    symbol: str
    file: str
    arguments: Mapping[str, str]


@dataclass
class Template:
    """What a Bicep file declares, and what is wrong with it by itself."""

    name: str
    parameters: dict[str, Parameter] = field(default_factory=dict)
    variables: set[str] = field(default_factory=set)
    outputs: set[str] = field(default_factory=set)
    modules: list[ModuleCall] = field(default_factory=list)
    outputs_used: set[tuple[str, str]] = field(default_factory=set)
    """Pairs of a module's symbol and the output that is read of it."""
    faults: list[str] = field(default_factory=list)


def read_template(name: str, text: str) -> Template:
    """The template of a .bicep file."""
    root = _PARSER.parse(text.encode()).root_node
    template = Template(name)
    template.faults += [f"{name}:{_line(node)}: syntax error" for node in _walk(root) if _is_error(node)]
    if template.faults:
        return template
    symbols = _declare(template, root)
    known = template.parameters.keys() | template.variables | symbols
    names = list(_names(root, frozenset()))
    template.faults += [
        f"{name}:{_line(node)}: {_text(node)} is not declared" for node in names if _text(node) not in known
    ]
    template.faults += [
        f"{name}:{_line(node)}: {_text(node)} is no function that we know"
        for node in _functions(root)
        if _text(node) not in FUNCTIONS
    ]
    unused = (template.parameters.keys() | template.variables) - {_text(node) for node in names}
    template.faults += [f"{name}: {symbol} is never used" for symbol in sorted(unused)]
    modules = {call.symbol for call in template.modules}
    read = re.findall(r"\b(\w+)!?\.outputs\.(\w+)", text)
    template.outputs_used = {(symbol, output) for symbol, output in read if symbol in modules}
    return template


def read_parameters(name: str, text: str) -> Template:
    """A .bicepparam file, as the variables that it assigns.

    The grammar knows .bicep only; an assignment of a parameter looks there like one of a variable.
    """
    as_template = re.sub(r"(?m)^using .*$", "", re.sub(r"(?m)^param (?=\w+ =)", "var   ", text))
    template = read_template(name, as_template)
    template.faults = [fault for fault in template.faults if not fault.endswith("is never used")]
    return template


def module_faults(templates: Iterable[Template]) -> list[str]:
    """Where a template and the modules that it uses do not fit together."""
    by_name = {template.name: template for template in templates}
    faults: list[str] = []
    for template in by_name.values():
        for call in template.modules:
            where = f"{template.name}: module {call.symbol}"
            module = by_name.get(call.file)
            if module is None:
                faults.append(f"{where}: there is no {call.file}")
                continue
            faults += [f"{where} {fault}" for fault in _argument_faults(call, template, module)]
            read = {output for symbol, output in template.outputs_used if symbol == call.symbol}
            faults += [f"{where} has no output {output}" for output in sorted(read - module.outputs)]
    return faults


def _argument_faults(call: ModuleCall, caller: Template, module: Template) -> Iterator[str]:
    for name, parameter in module.parameters.items():
        if name not in call.arguments:
            if parameter.is_required:
                yield f"is not given {name}"
            continue
        given = caller.parameters.get(call.arguments[name])
        if given is not None and given.type != parameter.type:
            yield f"takes {name} as {parameter.type}, but is given {given.type}"
    for unknown in sorted(call.arguments.keys() - module.parameters.keys()):
        yield f"takes no {unknown}"


def assignment_faults(parameters: Template, template: Template) -> list[str]:
    """Where a parameters file does not fit the template that it is for."""
    needed = {name for name, parameter in template.parameters.items() if parameter.is_required}
    return [
        *(f"{parameters.name}: {name} is not given" for name in sorted(needed - parameters.variables)),
        *(
            f"{parameters.name}: {template.name} takes no {name}"
            for name in sorted(parameters.variables - template.parameters.keys())
        ),
    ]


def object_keys(text: str, variable: str) -> frozenset[str]:
    """The property names of the object that a variable is set to."""
    for node in _walk(_PARSER.parse(text.encode()).root_node):
        if node.type == "variable_declaration" and _text(node.named_children[0]) == variable:
            return frozenset(_properties(node.named_children[1]))
    raise KeyError(variable)


def loaded_files(text: str) -> frozenset[str]:
    """The files that a template takes in (loadTextContent, loadJsonContent), as it names them."""
    return frozenset(re.findall(r"load(?:Text|Json)Content\('([^']+)'\)", text))


def json_keys(text: str, file: str) -> frozenset[str]:
    """The keys by which a template looks things up in a JSON file that it loads into a variable."""
    match = re.search(rf"var (\w+) = loadJsonContent\('{re.escape(file)}'\)", text)
    return frozenset(re.findall(rf"\b{match[1]}\['([^']+)'\]", text)) if match else frozenset()


def _declare(template: Template, root: Node) -> set[str]:
    """Enter what the file declares into the template. Returns the symbols of resources and modules."""
    symbols: set[str] = set()
    for node in _walk(root):
        kind = _DECLARATIONS.get(node.type)
        if kind is None:
            continue
        symbol = _text(node.named_children[0])
        match kind:
            case "param":
                is_required = len(node.named_children) == 2
                template.parameters[symbol] = Parameter(_text(node.named_children[1]), is_required)
            case "var":
                template.variables.add(symbol)
            case "output":
                template.outputs.add(symbol)
            case _:
                symbols.add(symbol)
        if kind == "module":
            template.modules.append(_module_call(symbol, node))
    return symbols


def _functions(root: Node) -> Iterator[Node]:
    """The names of the functions that are called, but for decorators and methods."""
    for node in _walk(root):
        if node.type == "call_expression" and not (node.parent and node.parent.type == "decorator"):
            function = node.child_by_field_name("function")
            if function is not None and _is_name(function):
                yield function


def _module_call(symbol: str, node: Node) -> ModuleCall:
    body = next(child for child in _walk(node) if child.type == "object")
    parameters = _properties(body).get("params")
    given = {} if parameters is None else _properties(parameters)
    arguments = {name: _text(value) for name, value in given.items()}
    return ModuleCall(symbol, _text(node.named_children[1]).strip("'"), arguments)


def _properties(node: Node) -> dict[str, Node]:
    pairs = [child.named_children for child in node.named_children if child.type == "object_property"]
    return {_text(pair[0]).strip("'"): pair[1] for pair in pairs if len(pair) == 2}


def _names(node: Node, local: frozenset[str]) -> Iterator[Node]:
    """The identifiers that refer to something declared at the top of the file."""
    children = node.named_children
    if node.type in _DECLARATIONS:
        children = children[1:]
    elif node.type == "object_property" and len(children) == 2:
        children = children[1:] if children[0].type == "identifier" else children
    elif node.type == "call_expression":
        children = [child for child in children if child != node.child_by_field_name("function") or not _is_name(child)]
    elif node.type == "lambda_expression":
        local |= {_text(child) for child in children[:-1] if _is_name(child)}
        children = children[-1:]
    elif node.type == "for_statement":
        loop = children[0]
        local |= {_text(loop)} if _is_name(loop) else {_text(child) for child in loop.named_children}
        children = children[1:]
    elif node.type == "resource_expression":
        children = children[:1]
    elif node.type in ("decorators", "type"):
        return
    for child in children:
        if _is_name(child):
            if _text(child) not in local:
                yield child
        else:
            yield from _names(child, local)


def _is_name(node: Node) -> bool:
    return node.type == "identifier"


def _is_error(node: Node) -> bool:
    return node.type == "ERROR" or node.is_missing


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _line(node: Node) -> int:
    return node.start_point.row + 1


def _text(node: Node) -> str:
    return (node.text or b"").decode()
