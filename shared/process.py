"""What a process makes once, at its first queue message: the HTTP session, the tokens, the inbox.

Importing this module imports requests and azure.identity; only functions that call Graph do so.
"""

from __future__ import annotations

from threading import Lock

from shared.credentials import BearerTokens, quiet_azure_loggers
from shared.graph import Graph, new_session
from shared.inbox import Inbox
from shared.settings import current

_lock = Lock()
_inbox: Inbox | None = None


def inbox() -> Inbox:
    """The inbox of this process; the first of several threads makes it."""
    global _inbox  # noqa: PLW0603 - the one place that holds what the process shares
    with _lock:
        if _inbox is None:
            quiet_azure_loggers()
            settings = current()
            session, tokens = new_session(settings), BearerTokens(settings.graph_scope)
            _inbox = Inbox(settings, lambda: Graph(settings, session, tokens))
        return _inbox
