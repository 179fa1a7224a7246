"""Recognizes common mistakes in messages that can't be read, so that the event can name them."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from urllib.parse import urlsplit

from shared.request.portal_link import parse_portal_link

_UNQUOTED = re.compile(r"""\s*\[?\s*\{\s*[A-Za-z]\w*\s*:""")
"""An object whose names have no quotation marks."""
_URL = re.compile(r"(?:https?://|/?(?:v1\.0/|beta/)?servicePrincipals\b)\S+", re.IGNORECASE)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAMPLE = 64
"""How many bytes are checked."""


def is_utf_16(data: bytes) -> bool:
    """Whether bytes are UTF-16: they have its byte order mark, or every other byte is zero, as in a Latin text."""
    sample = data[:_SAMPLE]
    if data.startswith(_UTF_16):
        return True
    return len(sample) > 1 and (not any(sample[1::2]) or not any(sample[0::2])) and any(sample)


def is_base64(text: str) -> bool:
    """Whether the text is base64 of a text in UTF-8 or UTF-16 that could be a message."""
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
        return bool(data) and (is_utf_16(data) or data.decode("utf-8-sig").lstrip()[:1] in "{[/shSH")
    except (binascii.Error, ValueError):
        return False


def looks_like(text: str) -> str | None:
    """What a text that is neither JSON nor a job's path looks like: a sentence without its subject, or None."""
    if parse_portal_link(text) is not None:
        return 'is a link to an application in the admin center; send it as {"job": "<the link>"}'
    if _URL.fullmatch(text.strip()):
        return f"is {_kind_of_address(text.strip())} that names no job; a job's ends in /synchronization/jobs/<jobId>"
    if is_base64(text):
        return "is base64 of base64; encode it once"
    if _UNQUOTED.match(text):
        return (
            "looks like JSON that lost its quotation marks, as on a command line; put it between apostrophes, or into "
            "a file"
        )
    if text.lstrip()[:2] in ("{'", "['") or text.lstrip().startswith("[{'"):
        return "looks like JSON with apostrophes; JSON has quotation marks"
    return None


def _kind_of_address(text: str) -> str:
    try:
        host = urlsplit(text).hostname
    except ValueError:
        host = None
    return "a URL" if host else "a Graph path"
