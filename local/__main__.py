"""`python -m local`: the whole system on one machine, to see the app work (`demo`) or to try it (`serve`, `send`).

This module uses only the standard library, and no syntax newer than Python 3.8, so that it can report what is missing.
"""

import sys

_ADVICE = "Use 'make demo', 'make serve' or 'make send SOURCE=... FILE=...': they install what is missing."


def run() -> int:
    """Run the command. Returns 1 if this Python cannot run it, 130 after Ctrl-C."""
    if sys.version_info < (3, 13):  # noqa: UP036 - without make, another Python may run this
        sys.stderr.write(f"This needs Python 3.13, but {sys.executable} is older. {_ADVICE}\n")
        return 1
    try:
        from local.commands import main
    except ModuleNotFoundError as fault:
        if (fault.name or "").partition(".")[0] in {"local", "shared"}:
            raise
        sys.stderr.write(f"{sys.executable} has no package '{fault.name}'. {_ADVICE}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return main()


if __name__ == "__main__":
    sys.exit(run())
