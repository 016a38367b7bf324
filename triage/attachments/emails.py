"""Mails as they travelled (`.eml`) or as Outlook keeps them (`.msg`)."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.message import Message
from typing import TYPE_CHECKING

from triage.attachments.headers import decoded, facts_of
from triage.attachments.markup import text_of
from triage.attachments.model import EmailFacts, Reading
from triage.attachments.wording import one_line, shortened, tidy

if TYPE_CHECKING:
    import oxmsg

NOT_OPENED = "Pièces jointes de ce message, qui n'ont pas été ouvertes : {names}."
AND_MORE = " et {count} autres"
NO_BODY = "Le corps de ce message est vide ou n'a pas pu être lu."
FORWARDED = "Ce message en contenait un autre, joint tel qu'il avait été reçu : c'est celui-ci qui a été lu."
UNNAMED = "sans nom"
_NAMES = 20
_FALLBACK = "cp1252"
_TITLE = re.compile(r"\A\s*[^:\n]*\n")  # a line that some servers write before the first header


def read_eml(media_type: str, content: bytes) -> Reading:
    """The subject and body of a mail, and what its headers say."""
    outer = email.message_from_bytes(content.lstrip())
    parsed = _forwarded(outer)
    notes = () if parsed is outer else (FORWARDED,)
    return _reading(media_type, facts_of(parsed), _body(parsed), _attached(parsed), notes)


def read_msg(media_type: str, content: bytes) -> Reading:
    """The same for a mail kept by Outlook; whatever is damaged in it is an error of any class."""
    import oxmsg

    kept = oxmsg.Message.load(content)
    body = kept.body or text_of(kept.html_body or "")
    names = [one.file_name or UNNAMED for one in kept.attachments]
    return _reading(media_type, facts_of(_headers(kept)), body, names, ())


def _headers(kept: oxmsg.Message) -> Message:
    """The headers that Outlook received, or those that can be told from what it kept."""
    from oxmsg.domain.constants import PID_TRANSPORT_MESSAGE_HEADERS

    received = kept.properties.str_prop_value(PID_TRANSPORT_MESSAGE_HEADERS) or ""
    headers = email.message_from_string(_TITLE.sub("", received))
    known: dict[str, object] = {"From": kept.sender, "Subject": kept.subject, "Date": kept.sent_date}
    for name, told in known.items():
        if told and name not in headers:
            headers[name] = one_line(str(told))
    return headers


def _forwarded(outer: Message) -> Message:
    """The only mail that was joined whole to `outer`, else `outer`, as a report of failed delivery always is."""
    if outer.get_content_type() == "multipart/report":
        return outer
    inner = [part for part in outer.walk() if part.get_content_type() == "message/rfc822"]
    joined = inner[0].get_payload() if len(inner) == 1 else None
    return joined[0] if isinstance(joined, list) and joined and isinstance(joined[0], Message) else outer


def _reading(media_type: str, facts: EmailFacts, body: str, names: list[str], notes: tuple[str, ...]) -> Reading:
    body = tidy(body)
    text, cut = shortened(f"{facts.subject}\n\n{body}".strip())
    notes += (() if body else (NO_BODY,)) + ((_not_opened(names),) if names else ()) + cut
    return Reading(media_type, "email", text, email=facts, notes=notes)


def _not_opened(names: list[str]) -> str:
    shown = ", ".join(one_line(name) for name in names[:_NAMES])
    return NOT_OPENED.format(names=shown + (AND_MORE.format(count=len(names) - _NAMES) if len(names) > _NAMES else ""))


def _body(parsed: Message) -> str:
    """The plain text of the mail, or else its HTML; parts that are attached are left alone."""
    inline = [part for part in _own_parts(parsed) if not part.is_multipart() and not _is_attached(part)]
    plain = [_text(part) for part in inline if part.get_content_type() == "text/plain"]
    if "".join(plain).strip():
        return "\n\n".join(plain)
    return "\n\n".join(text_of(_text(part)) for part in inline if part.get_content_type() == "text/html")


def _own_parts(parsed: Message) -> Iterator[Message]:
    """The parts of `parsed`, without those of the mails that are joined to it."""
    yield parsed
    payload = parsed.get_payload()
    if parsed.get_content_maintype() == "multipart" and isinstance(payload, list):
        for part in payload:
            if isinstance(part, Message):
                yield from _own_parts(part)


def _is_attached(part: Message) -> bool:
    kept_apart = part.get_content_disposition() == "attachment" or bool(part.get_filename())
    return kept_apart or part.get_content_type() == "message/rfc822"


def _attached(parsed: Message) -> list[str]:
    return [decoded(part.get_filename() or UNNAMED) for part in _own_parts(parsed) if _is_attached(part)]


def _text(part: Message) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    for charset in (part.get_content_charset("utf-8"), "utf-8"):
        try:
            return raw.decode(charset)
        except (LookupError, ValueError):
            continue
    return raw.decode(_FALLBACK, "replace")
