"""The word list of the project's language: expressions that no text and names that no code may use.

`python tests/language.py [PATH...]` prints the hits below the given paths, or in the whole tree, and exits
with status 1 if there are any. A line that must quote an upstream name or message carries the marker
`# language: ok REASON` (in Markdown `<!-- language: ok REASON -->`).
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]

#: Kinds of text: strings of a program, its docstrings and comments, and prose of the documentation.
STRING, DOCSTRING, COMMENT, PROSE = "string", "docstring", "comment", "prose"
EVERYWHERE = frozenset({STRING, DOCSTRING, COMMENT, PROSE})

#: Each expression, the kinds of text that it applies to, and what to write instead.
EXPRESSIONS: list[tuple[str, frozenset[str], str]] = [
    (r"\b[Ff]ore(tell|tells|told|see|sees|seen|sight)\b", EVERYWHERE, "predict, simulate"),
    (r"\b([Ss]ome|[Nn]o|[Aa]ny|[Ee]very)body\b", EVERYWHERE, "a role, or the passive"),
    (r"\b[Ww]ho(m|ever|mever)\b", EVERYWHERE, "a role"),
    (r"\b(is|are|was|were|be|been|being) (said|told|asked)\b", EVERYWHERE, "set, reported, queried"),
    (r"\b([Tt]ells?|[Tt]old|[Hh]ears?|[Ss]peaks?|[Ss]ays?) of\b", EVERYWHERE, "report, describe"),
    (
        r"(?<![Tt]here )\b(is|are|was|were) no (?!longer\b|more\b|less\b|such\b)",
        EVERYWHERE,
        "is not a ...",
    ),
    (r"\b[Tt]here (is|are) no \w+ ['{]", EVERYWHERE, "unknown X '...'"),
    (
        r"\b([Ww]hat|all that) (becomes?|became|comes|came) of\b|\b(becomes?|became) of\b",
        EVERYWHERE,
        "result, impact",
    ),
    (
        r"\bof whom\b|\b(any more|otherwise than|less than well)\b",
        EVERYWHERE,
        "no longer, differs, degraded",
    ),
    (
        r"\b(had no end|(come|comes|coming|came) to rest|(said|says|saying) nothing)\b",
        EVERYWHERE,
        "timed out, settle, no output",
    ),
    (r"\bfor a while\b|\bshall\b", EVERYWHERE, "temporarily, must"),
    (r"\b[Bb]eside\b|\bmend(s|ed|ing)?\b|\banew\b", EVERYWHERE, "next to, fix, again"),
    (r"\b[Ff]olders?\b", EVERYWHERE, "directory"),
    (
        r"\btak(e|es|en|ing) (it |that |them |the change )?back\b|\b[Ww]ay back\b",
        EVERYWHERE,
        "roll back, undo",
    ),
    (
        r"\b(serves?|served) (nobody|nowhere)\b|\b(runs?|promoted) nowhere\b",
        EVERYWHERE,
        "stopped, not promoted",
    ),
    (r"\bat once\b", EVERYWHERE, "immediately, at the same time"),
    (r"\bthings?\b", frozenset({STRING, PROSE}), "the noun"),
    (r"\bas (it|they) (is|are|should be|shall)\b", frozenset({STRING}), "unchanged, correct"),
]

COMPILED = [(re.compile(expression), kinds, advice) for expression, kinds, advice in EXPRESSIONS]

#: Names that no function, class, parameter, variable, attribute or module has.
FORBIDDEN_NAMES = frozenset(
    [
        "said",
        "told",
        "whisper",
        "kept",
        "keeper",
        "strangers",
        "kin",
        "farewell",
        "nearest",
        "shelf",
        "pulse",
        "feel",
        "foresee",
        "foretold",
        "Way",
        "News",
        "Fate",
        "Casualty",
    ]
)

MARKER = re.compile(r"(?:#|<!--)\s*language: ok(?P<reason>.*?)(?:-->|#\}|$)")

#: What the test reads, as patterns below the root.
CORPORA = [
    "pacemaker_os/**/*",
    "agents/*",
    "cib/**/*.yaml",
    "containers/**/usr/**/*",
    "containers/README.md",
    "docs/**/*.md",
    "docs/**/*.py",
    "benchmarks/**/*.py",
    "packaging/*",
    "quickstart",
    "run-tests",
    ".ci/run",
    "setup.cfg",
    "*.md",
]

#: Not read: compiled files, data, and translations.
IGNORED_SUFFIXES = {".pyc", ".json", ".svg", ".typed"}

#: Not read, because it lists former names.
IGNORED_FILES = {"CHANGELOG.md"}


@dataclass(frozen=True)
class Passage:
    """A connected piece of text: its kind, and its lines with their numbers in the file."""

    kind: str
    lines: list[tuple[int, str]]


@dataclass(frozen=True)
class Hit:
    """A use of the dialect: its place, the text that matches, the sentence around it, and what to write."""

    path: Path
    line: int
    match: str
    sentence: str
    advice: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.match}: {self.sentence} -> {self.advice}"


def files() -> list[Path]:
    """Return every file of the corpora, relative to the root."""
    generated = {line.lstrip("/") for line in (ROOT / ".gitignore").read_text().split()}
    found = {path for pattern in CORPORA for path in ROOT.glob(pattern) if path.is_file()}
    names = sorted(path.relative_to(ROOT) for path in found if path.suffix not in IGNORED_SUFFIXES)
    ignored = generated | IGNORED_FILES
    return [name for name in names if str(name) not in ignored and "zh" not in name.name.split(".")]


def is_python(path: Path, text: str) -> bool:
    """Return whether a file is a Python program, by its suffix or its first line."""
    return path.suffix == ".py" or (text.startswith("#!") and "python" in text.partition("\n")[0])


def find_hits(path: Path) -> list[Hit]:
    """Return the uses of the dialect in a file, in order."""
    text = (ROOT / path).read_text()
    source = text.splitlines()
    exempt = {number for number, line in enumerate(source, 1) if MARKER.search(line)}
    if is_python(path, text):
        tree = ast.parse(text)
        hits = [hit for passage in python_passages(tree, text) for hit in search(path, passage, source)]
        hits += name_hits(path, tree)
    else:
        split = markdown_passages if path.suffix == ".md" else text_passages
        hits = [hit for passage in split(source) for hit in search(path, passage, source)]
    return sorted((hit for hit in hits if hit.line not in exempt), key=lambda hit: hit.line)


def search(path: Path, passage: Passage, source: list[str]) -> Iterator[Hit]:
    """Yield the hits of a passage. Its lines are joined, as a sentence may span them."""
    starts, joined = [], ""
    for number, line in passage.lines:
        starts.append((len(joined), number))
        joined += line.strip() + " "
    for expression, kinds, advice in COMPILED:
        if passage.kind not in kinds:
            continue
        for match in expression.finditer(joined):
            number = [number for start, number in starts if start <= match.start()][-1]
            if passage.kind == STRING:
                number = line_of_match(match[0], number, source)
            yield Hit(path, number, match[0].strip(), sentence_around(joined, match), advice)


def line_of_match(match: str, number: int, source: list[str]) -> int:
    """Return the line of a match in a string that is written in several adjacent literals."""
    near = range(number, min(number + 12, len(source) + 1))
    return next((line for line in near if match.strip() in source[line - 1]), number)


def sentence_around(text: str, match: re.Match[str]) -> str:
    """Return the sentence that holds a match, cut to a readable length."""
    begin = max(text.rfind(mark, 0, match.start()) + 2 for mark in (". ", "! ", "? ", ": "))
    begin = 0 if begin == 1 else begin
    end = text.find(". ", match.end())
    sentence = text[max(begin, match.start() - 80) : min(len(text) if end < 0 else end, match.end() + 80)]
    return " ".join(sentence.split())


def python_passages(tree: ast.Module, text: str) -> Iterator[Passage]:
    """Yield the docstrings, the strings with a space, and the comments of a program."""
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    parts_of_formatted = {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)
    } - {id(node) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            if id(node) not in parts_of_formatted:
                yield from formatted_passages(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) in docstrings:
                yield Passage(DOCSTRING, numbered(node.lineno, node.value))
            elif " " in node.value and id(node) not in parts_of_formatted:
                yield Passage(STRING, numbered(node.lineno, node.value))
    yield from comment_passages(text)


def formatted_passages(node: ast.JoinedStr) -> Iterator[Passage]:
    """Yield a formatted string with its values as `{}`, and the strings inside of its values."""
    text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if " " in text:
        yield Passage(STRING, numbered(node.lineno, text))
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            for inner in ast.walk(part.value):
                if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and " " in inner.value:
                    yield Passage(STRING, numbered(inner.lineno, inner.value))


def numbered(first: int, text: str) -> list[tuple[int, str]]:
    """Return the lines of a text with their numbers."""
    return list(enumerate(text.split("\n"), first))


def comment_passages(text: str) -> Iterator[Passage]:
    """Yield the comments of a program. Comments on successive lines are one passage."""
    block: list[tuple[int, str]] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        if block and token.start[0] != block[-1][0] + 1:
            yield Passage(COMMENT, block)
            block = []
        block.append((token.start[0], token.string.lstrip("#:")))
    if block:
        yield Passage(COMMENT, block)


def markdown_passages(source: list[str]) -> Iterator[Passage]:
    """Yield the paragraphs, list items and table rows of a page, without code blocks."""
    block: list[tuple[int, str]] = []
    fenced = False
    for number, line in enumerate(source, 1):
        fence = line.lstrip().startswith("```")
        if fence or not line.strip() or re.match(r"\s*(\||[-*] |\d+\. |#)", line):
            if block:
                yield Passage(PROSE, block)
            block = []
        if fence:
            fenced = not fenced
        elif not fenced and line.strip():
            block.append((number, line))
    if block:
        yield Passage(PROSE, block)


def text_passages(source: list[str]) -> Iterator[Passage]:
    """Yield the lines of a template, a document or a script. Comments on successive lines are one passage."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate(source, 1):
        comment = line.lstrip().startswith(("#", "{#", ";", "//"))
        if block and not (comment and block[-1][0] == number - 1):
            yield Passage(COMMENT, block)
            block = []
        if comment:
            block.append((number, line.lstrip().lstrip("{#;/ ")))
        else:
            yield Passage(COMMENT, [(number, line)])
    if block:
        yield Passage(COMMENT, block)


def name_hits(path: Path, tree: ast.Module) -> Iterator[Hit]:
    """Yield the definitions of forbidden names in a program, and the program itself if it has such a name."""
    if path.stem in FORBIDDEN_NAMES:
        yield Hit(path, 1, path.stem, "name of a module", "see the list of renames")
    for node in ast.walk(tree):
        for name in defined_names(node):
            if name in FORBIDDEN_NAMES:
                yield Hit(
                    path, getattr(node, "lineno", 1), name, f"name of {type(node).__name__}", "a precise name"
                )


def defined_names(node: ast.AST) -> Iterator[str]:
    """Yield the names that a node of a syntax tree defines."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.arg():
            yield node.arg
        case ast.Name(ctx=ast.Store()):
            yield node.id
        case ast.Attribute(ctx=ast.Store()):
            yield node.attr
        case ast.alias(asname=str(name)):
            yield name


def markers() -> list[tuple[Path, int, str]]:
    """Return the place and the reason of every exemption."""
    return [
        (path, number, match["reason"].strip())
        for path in files()
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1)
        if (match := MARKER.search(line))
    ]


def below(paths: Iterable[Path]) -> list[Path]:
    """Return the files of the corpora at or below any of these paths."""
    tops = [path.resolve() for path in paths]
    return [name for name in files() if any((ROOT / name).is_relative_to(top) for top in tops)]


def main(arguments: list[str]) -> int:
    """Print the hits below the given paths; return the exit status."""
    paths = [Path(argument) for argument in arguments] or [ROOT]
    hits = [hit for path in below(paths) for hit in find_hits(path)]
    for hit in hits:
        print(hit)
    print(f"{len(hits)} hits", file=sys.stderr)
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
