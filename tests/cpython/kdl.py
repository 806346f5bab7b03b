"""A reader and a writer of the part of KDL 2 that scenario files use.

Nodes with arguments, properties and children; quoted, raw and bare strings, whole numbers, keywords; comments, `/-`
and line continuations. Not here: multi-line strings and type annotations, which no scenario needs; they are an error.
"""

import re
from dataclasses import dataclass, field


@dataclass
class Node:
    name: str
    args: list = field(default_factory=list)
    props: dict = field(default_factory=dict)
    children: list | None = None


class KdlError(ValueError):
    """What is wrong with a text, with line and column."""


NEWLINES = "\n\r\x85\x0b\x0c\u2028\u2029"
SPACES = " \t\ufeff\xa0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
NOT_IN_BARE = set('\\/(){};[]"#=') | set(NEWLINES) | set(SPACES)
KEYWORDS = {"#true": True, "#false": False, "#null": None}
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "b": "\b", "f": "\f", "s": " "}


def loads(text):
    """The nodes of a document. Raises `KdlError`."""
    reader = Reader(text)
    nodes = reader.nodes(closing=None)
    if reader.at < len(text):
        reader.fail("unexpected `}`")
    return nodes


class Reader:
    def __init__(self, text):
        self.text = text
        self.at = 0

    def fail(self, message):
        before = self.text[: self.at]
        line = before.count("\n") + 1
        column = self.at - (before.rfind("\n") + 1) + 1
        raise KdlError(f"{line}:{column}: {message}")

    def peek(self, count=1):
        return self.text[self.at : self.at + count]

    def skip_block_comment(self):
        depth = 0
        while True:
            if self.peek(2) == "/*":
                depth, self.at = depth + 1, self.at + 2
            elif self.peek(2) == "*/":
                depth, self.at = depth - 1, self.at + 2
            elif not self.peek():
                self.fail("comment without end")
            else:
                self.at += 1
            if depth == 0:
                return

    def skip_line_comment(self):
        while self.peek() and self.peek() not in NEWLINES:
            self.at += 1

    def skip_space(self, newlines):
        """Skips what separates: inside a node (`newlines` false) a newline only after a backslash."""
        while True:
            if self.peek() and (self.peek() in SPACES or newlines and self.peek() in NEWLINES + ";"):
                self.at += 1
            elif self.peek(2) == "/*":
                self.skip_block_comment()
            elif newlines and self.peek(2) == "//":
                self.skip_line_comment()
            elif not newlines and self.peek() == "\\":
                self.at += 1
                self.skip_space(newlines=False)
                if self.peek(2) == "//":
                    self.skip_line_comment()
                if self.peek() and self.peek() not in NEWLINES:
                    self.fail("a backslash must end its line")
                self.at += 1
            else:
                return

    def nodes(self, closing):
        found = []
        while True:
            self.skip_space(newlines=True)
            if self.peek() == "" and closing:
                self.fail("block without end")
            if self.peek() in ("", "}"):
                return found
            if self.slashdash():
                self.node()
            else:
                found.append(self.node())

    def slashdash(self):
        if self.peek(2) != "/-":
            return False
        self.at += 2
        self.skip_space(newlines=True)
        return True

    def node(self):
        node = Node(self.string())
        while True:
            self.skip_space(newlines=False)
            if self.peek(2) == "//":
                self.skip_line_comment()
            if self.peek() == "" or self.peek() in NEWLINES + ";}":
                return node
            dropped = self.slashdash()
            target = Node("") if dropped else node
            if self.peek() == "{":
                self.at += 1
                target.children = self.nodes(closing=True)
                self.at += 1
                continue
            value = self.value()
            if self.peek() == "=":
                if not isinstance(value, str):
                    self.fail("the name of a property must be a string")
                self.at += 1
                target.props[value] = self.value()
            else:
                target.args.append(value)

    def value(self):
        for keyword, value in KEYWORDS.items():
            if self.text.startswith(keyword, self.at):
                self.at += len(keyword)
                return value
        number = re.compile(r"[+-]?[0-9][0-9_]*(?![^\s;{}=])").match(self.text, self.at)
        if number:
            self.at = number.end()
            return int(number.group().replace("_", ""))
        return self.string()

    def string(self):
        if self.peek(3) == '"""':
            self.fail("multi-line strings are not supported")
        if self.peek() == '"':
            return self.quoted()
        if self.peek() == "#":
            return self.raw()
        start = self.at
        while self.peek() and self.peek() not in NOT_IN_BARE:
            self.at += 1
        word = self.text[start : self.at]
        if not word or re.match(r"[+-]?\.?[0-9]", word):
            self.fail("expected a string")
        return word

    def quoted(self):
        self.at += 1
        out = []
        while self.peek() != '"':
            char = self.peek()
            if char == "" or char in NEWLINES:
                self.fail("string without end")
            self.at += 1
            out.append(self.escape() if char == "\\" else char)
        self.at += 1
        return "".join(out)

    def escape(self):
        char = self.peek()
        self.at += 1
        if char == "u":
            match = re.compile(r"\{([0-9a-fA-F]{1,6})\}").match(self.text, self.at)
            if not match:
                self.fail("bad unicode escape")
            self.at = match.end()
            return chr(int(match.group(1), 16))
        if char not in ESCAPES:
            self.fail("unknown escape")
        return ESCAPES[char]

    def raw(self):
        match = re.compile(r'(#+)"(?!"")(.*?)"\1').match(self.text, self.at)
        if not match:
            self.fail("expected a value")
        self.at = match.end()
        return match.group(2)


def dumps(nodes):
    """The document as text: a line for each outermost node."""
    return "\n".join(write_node(node) for node in nodes)


def write_node(node):
    parts = [node.name]
    parts += [write_value(value) for value in node.args]
    parts += [f"{name}={write_value(value)}" for name, value in node.props.items()]
    if node.children is not None:
        inner = "; ".join(write_node(child) for child in node.children)
        parts.append(f"{{ {inner} }}" if inner else "{ }")
    return " ".join(parts)


def write_value(value):
    for keyword, meaning in KEYWORDS.items():
        if value is meaning:
            return keyword
    if isinstance(value, int):
        return str(value)
    written = {char: f"\\{letter}" for letter, char in ESCAPES.items() if char not in ' '}
    return '"' + "".join(written.get(char, char) for char in value) + '"'
