"""Reads the order of the inputs below each option of a dynamic combo from ComfyUI's source, without running it.

    python3 scripts/nested-orders.py <folder of ComfyUI> > orders.json

A dump of node definitions with sorted keys has lost that order. Writes {class: {input: {option: [names]}}}, where the
path of an input below another is dotted, and an option whose key is computed is "*". A list may name inputs that the
option does not have (both branches of an `if` are read); build-catalog.mjs keeps those that it has.
"""

import ast
import json
import sys
from pathlib import Path


def called(node):
    """Dotted name of what a call calls: `IO.Int.Input`."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def referred(node):
    """The function, name or attribute of the module that an expression takes its value from."""
    names = {ast.Call: lambda: called(node).split(".")[-1], ast.Name: lambda: node.id, ast.Attribute: lambda: node.attr}
    return names.get(type(node), lambda: None)()


def text(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def argument(call, position, name):
    named = [word.value for word in call.keywords if word.arg == name]
    return named[0] if named else call.args[position] if len(call.args) > position else None


def inputs(node, scope, seen=()):
    """The calls that make inputs, in the order of the text, through the functions and names of the module."""
    if isinstance(node, ast.Call) and called(node).endswith(".Input"):
        yield node
        return
    if isinstance(node, ast.Call) and called(node).endswith((".insert", ".sort", ".reverse")):
        raise ValueError("the order is made at run time")
    name = referred(node)
    if name in scope and name not in seen:
        body = scope[name]
        for part in body.body if isinstance(body, ast.FunctionDef) else [body]:
            yield from inputs(part, scope, (*seen, name))
    for child in ast.iter_child_nodes(node):
        yield from inputs(child, scope, seen)


def options(node, scope, seen=()):
    """The options of a dynamic combo, found as inputs are."""
    if called(node).endswith("DynamicCombo.Option"):
        yield node
        return
    name = referred(node)
    if name in scope and name not in seen:
        yield from options(scope[name], scope, (*seen, name))
    for child in ast.iter_child_nodes(node):
        yield from options(child, scope, seen)


def numbered(ids):
    """The names of inputs; a run of computed ones (`f"text{i}"`) stands for as many as a loop may make of it."""
    run = []
    for one in [*ids, None]:
        if isinstance(one, ast.JoinedStr) and sum(isinstance(part, ast.FormattedValue) for part in one.values) == 1:
            run.append([text(part) for part in one.values])
            continue
        for number in range(33) if run else ():
            yield from ("".join(str(number) if part is None else part for part in parts) for parts in run)
        run = []
        if text(one):
            yield text(one)


def combo(call, path, scope, found):
    listed = argument(call, 1, "options")
    for option in options(listed, scope) if listed is not None else ():
        below = argument(option, 1, "inputs")
        if below is None:
            continue
        try:
            calls = list(inputs(below, scope))
        except ValueError:
            continue
        names = [text(argument(one, 0, "id")) for one in calls]
        key = text(argument(option, 0, "key"))
        order = list(dict.fromkeys(numbered([argument(one, 0, "id") for one in calls])))
        found.setdefault(path, {}).setdefault("*" if key is None else key, order)
        for one, name in zip(calls, names):
            if called(one).endswith("DynamicCombo.Input") and name:
                combo(one, f"{path}.{name}", scope, found)


def main(root):
    result = {}
    for file in sorted(Path(root).rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        scope = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                scope[node.name] = node
            elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                scope.setdefault(node.targets[0].id, node.value)
        for schema in (node for node in ast.walk(tree) if called(node).endswith("Schema")):
            name = text(argument(schema, 0, "node_id"))
            found = {}
            for call in inputs(argument(schema, 9, "inputs") or schema, scope) if name else ():
                path = text(argument(call, 0, "id"))
                if called(call).endswith("DynamicCombo.Input") and path:
                    combo(call, path, scope, found)
            if found:
                result[name] = found
    json.dump(result, sys.stdout, indent=1, sort_keys=True)


main(sys.argv[1])
