"""The host's exceptions.

HostError
├── StartFault          the host does not start: the app or its settings are wrong, or the port is taken
│   ├── HostJsonFault   host.json
│   ├── AppFault        the app cannot be indexed, or asks for what this host does not have
│   └── SettingFault    an environment variable that a binding names is missing or wrong
└── InvocationFailed    the function raised, ran out of time, or one of its outputs could not be written
"""


class HostError(Exception):
    """Root of the tree."""


class StartFault(HostError):
    """The host cannot start. The text names every fault that was found."""


class HostJsonFault(StartFault):
    """host.json is missing, is not JSON, or holds what the real host would refuse."""


class AppFault(StartFault):
    """The app cannot be indexed, or one of its bindings cannot be served."""

    def __init__(self, text: str, stack: str = "") -> None:
        super().__init__(text)
        self.stack = stack


class SettingFault(StartFault):
    """An environment variable that a binding names is missing or invalid."""


class InvocationFailed(HostError):
    """An invocation failed: none of its effects may be reported as done."""

    def __init__(self, text: str, stack: str = "") -> None:
        super().__init__(text)
        self.stack = stack
