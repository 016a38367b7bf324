"""Connections that are not cut while somebody begins to speak on them."""

from __future__ import annotations

from triage.web.slow import Prompt

_LINGER = 1.0  # seconds: what was let in just before the end still says what it came for
_CLOSE = (b"connection", b"close")


class Patient(Prompt):
    """Unlike uvicorn's own, which at the end of the service closes what is silent at that instant, be it new."""

    def shutdown(self) -> None:
        """Answers who speaks within a second, and says that it is the last time; then closes."""
        if _CLOSE not in self.server_state.default_headers:
            self.server_state.default_headers.append(_CLOSE)
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(_LINGER, self._end)
        else:
            super().shutdown()

    def _end(self) -> None:
        if not self.transport.is_closing():
            super().shutdown()
