"""A source file as a tree.

Python 3.11 takes a parse for a broken one (SystemError) when something else moves the recursion limit at that moment, as
Hypothesis does: it is made again.
"""

import ast
from pathlib import Path

TRIES = 5


def tree(path: Path) -> ast.Module:
    """Raises SyntaxError for what is no Python."""
    text = path.read_text("utf-8")
    for _ in range(TRIES):
        try:
            return ast.parse(text)
        except SystemError:
            continue
    return ast.parse(text)
