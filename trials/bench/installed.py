"""Prints how much disk a set of packages takes with all that they need; runs in any virtual environment.

python installed.py azure-functions requests
"""

import json
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path


def distributions(names: list[str]) -> dict[str, Distribution]:
    """The packages and what they require, as far as it is installed: extras and other platforms' needs are not."""
    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = Distribution.from_name(name)
        except PackageNotFoundError:
            continue
        needed = (text for text in found[name].requires or [] if "extra ==" not in text)
        waiting.extend(match[0] for text in needed if (match := re.match(r"[\w.-]+", text)))
    return found


def size(distribution: Distribution) -> int:
    """The bytes of its files, without bytecode."""
    paths = [Path(str(distribution.locate_file(file))) for file in distribution.files or []]
    return sum(path.stat().st_size for path in paths if path.suffix != ".pyc" and path.is_file())


if __name__ == "__main__":
    known = distributions(sys.argv[1:])
    sys.stdout.write(json.dumps({"packages": len(known), "bytes": sum(map(size, known.values()))}) + "\n")
