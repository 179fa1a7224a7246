"""The states of a synchronizationJob. They are not in `shared.graph.job`, because intake needs only them."""

from enum import StrEnum


class JobCode(StrEnum):
    """The known values of status.code. Graph may add values, which the app keeps as they are."""

    NOT_CONFIGURED = "NotConfigured"
    NOT_RUN = "NotRun"
    ACTIVE = "Active"
    PAUSED = "Paused"
    QUARANTINE = "Quarantine"
