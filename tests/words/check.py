"""What is wrong with a text: a sentence that is too long, or words that are not plain English."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_WORDS = 25
"""Most words of a sentence."""

UNWANTED = {
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\bstands? (in|beside|at|twice|among|on|under|there)\b": "is in, is next to",
    r"\bstands still\b": "does not move",
    r"\b(an?|one|two|three|\d+) [a-z]+s? a (job|request|quarantine|run|round|module|function)\b": "per",
    r"\b(an?|one|two|three|\d+) [a-z]+s? an? (second|minute|hour|day)\b": "per",
    r"\b(starts|requests|calls|reads|writes) a (second|minute|hour|day)\b": "per",
    r"\b(is|are|was) no (start|token|JSON|source|RFC|time|job|alert|setting|number|step|string)\b": "is not a",
    r"\b(the|that) news of\b": "is called by, is told about",
    r"\bwhat (becomes|became|comes|came) of\b": "what happened to, the result of",
    r"\bgoes on without\b": "lacks",
    r"\b(don't|do not) mind\b": "ignore",
    r"\bhangs on\b": "depends on",
    r"\bthe worst of it\b": "the worst case",
    r"\ba start is right\b": "is safe",
    r"\ball the same\b": "anyway",
    r"\banew\b": "again",
    r"\bneed not\b": "do not have to",
    r"\bas a rule\b": "usually",
    r"\bdoes (not do )?its part\b": "is available",
    r"\bby and by\b": "later",
    r"\bwhom?ever\b": "anyone who, no matter who",
    r"\b(tells?|told|telling) of\b": "says, reports, notifies about",
    r"\b(go|goes|going|went) on (where|at|with)\b": "continues",
    r"\b(is|are) no more\b(?! than)": "no longer exists",
    r"\b(that|which) (is|are|was|were) none\b": "that is invalid",
    r"\b(has|have) (not )?met (Azure|a|the)\b": "has (not) been tried in",
}
"""Words as they are not said, and what is said instead."""

TO_USERS = {
    r"\bfates?\b": "the result",
    r"\b(is|are|was|were) \w+ then\b": "then … is",
    r"\b(is|are|was|were|be) (looked (at|for|through)|waited for|kept to|held against)\b": "the app reads, waits for",
    r"\b(an?|two|three|some) ([a-z-]+ ){1,2}of (its|their|our|your) own\b": "a separate, its own",
    r"\bbeside\b": "next to, in addition to",
}
"""The same for what users read. In comments, these are terms of the code, or clear enough."""

_FENCE = re.compile(r"(?ms)^ *(```|~~~).*?^ *\1 *$")
_INDENTED = re.compile(r"(?m)(?<=\n\n)(?: {4,}[^\n]*\n)+")
_COMMENT = re.compile(r"(?s)<!--.*?-->")
_LINK = re.compile(r"!?\[((?:[^\]\[]|\[[^\]]*\])*)\]\([^)]*\)")
_CODE = re.compile(r"`[^`]*`")
_END = re.compile(r"(?<=[.!?])[*_)\"]*\s+(?=[*_(\"`]*[A-Z0-9`])")


def faults(text: str, unwanted: Mapping[str, str] = UNWANTED | TO_USERS) -> Iterator[str]:
    """What is wrong with the sentences of a text."""
    for sentence in sentences(text):
        if (count := sum(any(map(str.isalnum, word)) for word in sentence.split())) > MOST_WORDS:
            yield f"{count} words: {sentence}"
        for pattern, better in unwanted.items():
            if found := re.search(pattern, sentence, re.IGNORECASE):
                yield f'"{found[0]}" (say: {better}): {sentence}'


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph. What is in parentheses, and an abbreviation, ends none."""
    plain = re.sub(r"\b(e\.g|i\.e|etc|vs)\.", r"\1", " ".join(text.split()))
    return [sentence.strip() for sentence in _END.split(plain) if sentence.strip()]


def paragraphs(page: str) -> Iterator[str]:
    """What a page in Markdown says, without code: its paragraphs, the items of its lists, the cells of its tables."""
    text = _COMMENT.sub("", _FENCE.sub("\n", page))
    text = _INDENTED.sub("\n", text)
    text = _CODE.sub("CODE", _LINK.sub(r"\1", text))
    for block in re.split(r"\n\s*\n", text):
        for item in re.split(r"(?m)^\s*(?:[-*]|\d+\.)\s+", block):
            if item.lstrip().startswith("|"):
                yield from (cell.strip() for line in item.splitlines() for cell in line.split("|") if cell.strip(" -:"))
            elif item.strip():
                yield re.sub(r"(?m)^#+ .*$", "", item).strip()
