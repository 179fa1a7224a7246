"""The states of a synchronizationJob: apart from `shared.graph.job`, because the intake needs no more of it."""

from enum import StrEnum


class JobCode(StrEnum):
    """The known values of status.code. Graph's enumerations grow: other values are kept as they are."""

    NOT_CONFIGURED = "NotConfigured"
    NOT_RUN = "NotRun"
    ACTIVE = "Active"
    PAUSED = "Paused"
    QUARANTINE = "Quarantine"
