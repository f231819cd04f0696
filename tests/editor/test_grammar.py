"""The tree-sitter grammar: it reads every rule file of the repository, and its corpus comes out as written."""

import ctypes
import pathlib
import re
import shutil
import subprocess

import pytest
from tree_sitter import Language, Parser, Query, QueryCursor

ROOT = pathlib.Path(__file__).parents[2]
GRAMMAR = ROOT / "editors/tree-sitter-tacit"
# A capsule keeps the address of its name, not the name.
NAME = b"tree_sitter.Language"


@pytest.fixture(scope="session")
def language(tmp_path_factory) -> Language:
    compiler = shutil.which("cc") or shutil.which("clang") or pytest.skip("there is no C compiler")
    library = tmp_path_factory.mktemp("grammar") / "tacit.so"
    sources = [GRAMMAR / "src/parser.c", GRAMMAR / "src/scanner.c"]
    subprocess.run([compiler, "-shared", "-fPIC", "-I", GRAMMAR / "src", "-o", library, *sources], check=True)
    function = ctypes.CDLL(str(library)).tree_sitter_tacit
    function.restype = ctypes.c_void_p
    capsule = ctypes.pythonapi.PyCapsule_New
    capsule.restype, capsule.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    return Language(capsule(function(), NAME, None))


def test_every_rule_file_reads(language):
    files = [file for folder in ["stdlib-rules", "examples"] for file in sorted((ROOT / folder).rglob("*.tacit"))]
    assert len(files) > 100
    parser = Parser(language)
    assert [str(file) for file in files if parser.parse(file.read_bytes()).root_node.has_error] == []


def test_an_error_ends_with_its_item(language):
    text = b'rule a-b low "x"\n  deny whn x "m"\nrule c-d low "y"\n  for w in W\n'
    root = Parser(language).parse(text).root_node
    assert [(item.type, item.has_error) for item in root.children] == [("rule", True), ("rule", False)]


def corpus():
    for file in sorted((GRAMMAR / "test/corpus").glob("*.txt")):
        pattern = r"=+\n(?P<title>.+)\n=+\n(?P<text>[\s\S]*?)\n---\n(?P<tree>[\s\S]*?)(?=\n=====|\Z)"
        for match in re.finditer(pattern, file.read_text()):
            yield pytest.param(match["text"], match["tree"], id=match["title"])


@pytest.mark.parametrize("text,tree", list(corpus()))
def test_corpus(language, text, tree):
    def shape(node):
        inner = " ".join(shape(child) for child in node.named_children)
        return f"({node.type} {inner})" if inner else f"({node.type})"

    root = Parser(language).parse(text.encode()).root_node
    assert not root.has_error
    assert shape(root) == " ".join(tree.split()).replace("( ", "(").replace(" )", ")")


def test_colours(language):
    query = Query(language, (GRAMMAR / "queries/highlights.scm").read_text())
    text = b'/// Why.\nrule ENV001 a-b low "t {x.y}"\n  for w in Workload, c in w.containers\n  deny when c.env exists "m"\n'
    captures = QueryCursor(query).captures(Parser(language).parse(text).root_node)
    found = {name: sorted({node.text.decode() for node in nodes}) for name, nodes in captures.items()}
    assert found["comment.documentation"] == ["/// Why."]
    assert found["keyword"] == ["deny", "for", "rule", "when"]
    assert found["type"] == ["Workload", "a-b"]
    assert found["property"] == ["containers", "env", "y"]
    assert found["constant"] == ["ENV001"]
    injections = Query(language, (GRAMMAR / "queries/injections.scm").read_text())
    given = b'test a-b "t"\n  given """\n    kind: Pod\n  """\n'
    content = QueryCursor(injections).captures(Parser(language).parse(given).root_node)["injection.content"]
    assert b"kind: Pod" in content[0].text
