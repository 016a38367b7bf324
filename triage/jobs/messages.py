"""How jobs are written in the queue: as JSON. Huey's own way is pickle, which runs what it reads."""

from __future__ import annotations

import json
from typing import Any

from huey.registry import Message
from huey.serializer import Serializer

_JOB = "job"


class Plain(Serializer):  # type: ignore[misc]  # huey has no types
    """Whoever writes to the queue's table may have a job of ours done once more, and nothing else."""

    def _serialize(self, data: Any) -> bytes:  # noqa: ANN401 (a message, or a small value of huey's own)
        return json.dumps({_JOB: data._asdict()} if isinstance(data, Message) else data).encode()

    def _deserialize(self, data: Any) -> Any:  # noqa: ANN401 (bytes, or what a driver gives for them)
        told = json.loads(bytes(data))
        return Message(**told[_JOB]) if isinstance(told, dict) else told
