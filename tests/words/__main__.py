"""Prints what is wrong with the words, and exits with 1 if anything is. `--print` prints the code's sentences."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.words import check, prose, said

ROOT = Path(__file__).parents[2]


def pages() -> list[Path]:
    """The pages whose words are checked."""
    root = ("README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md")
    return [*(ROOT / name for name in root), *sorted((ROOT / "docs").rglob("*.md"))]


def faults() -> list[str]:
    """Everything that is wrong, each with its place."""
    found = []
    for page in pages():
        texts = check.paragraphs(page.read_text(encoding="utf-8"))
        found += [f"{page.relative_to(ROOT)}: {fault}" for text in texts for fault in check.faults(text)]
    for place, text in (*said.events(), *said.written()):
        found += [f"{place}: {fault}" for fault in check.faults(text)]
    for place, text in prose.written():
        found += [f"{place}: {fault}" for fault in prose.faults(text)]
    return found


def main() -> int:
    """Check, or print."""
    if "--print" in sys.argv[1:]:
        for place, text in (*said.events(), *said.written()):
            print(f"{place}: {text}")
        return 0
    found = faults()
    print("\n".join(found) or "words: nothing found")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
