"""What a process writes of its work: lines that a machine reads, and nothing that anybody told."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

HEAD = """
import logging, sys, threading, warnings
from triage import logs
from triage.settings import Settings
logs.configure(Settings(log_format="{format}", log_level="{level}"), "essai")
log = logging.getLogger("triage.somewhere")
def fail():
    raise ValueError(*sys.argv[1:])
"""
SECRET = "jeanne.durand@exemple.fr"


def written(script: str, form: str = "json", level: str = "info") -> str:
    """What the script writes on its standard error; SECRET is its argument."""
    whole = HEAD.replace("{format}", form).replace("{level}", level) + script
    return subprocess.run([sys.executable, "-c", whole, SECRET], capture_output=True, text=True).stderr


def lines(script: str, level: str = "info") -> list[dict[str, Any]]:
    return [json.loads(line) for line in written(script, level=level).splitlines()]


def test_a_line_is_json_and_tells_when_who_and_what() -> None:
    [line] = lines("log.warning('the sample of %s waits', 'Monday', extra={'route': '/fiches', 'other': sys.argv[1]})")
    assert line.pop("time").endswith("Z")
    assert line == {
        "process": "essai",
        "level": "warning",
        "logger": "triage.somewhere",
        "event": "the sample of Monday waits",
        "route": "/fiches",
    }


def test_a_request_is_named_in_all_the_lines_written_for_it() -> None:
    script = (
        "from structlog.contextvars import bound_contextvars\n"
        "with bound_contextvars(request='abc'): log.info('within')\n"
        "log.info('after')"
    )
    assert [line.get("request") for line in lines(script)] == ["abc", None]


def test_of_an_error_only_its_type_and_place_are_kept() -> None:
    """Logged by us or by a library, or caught by nobody: in a thread, in a finalizer, at the end of the process."""
    script = """
try:
    fail()
except ValueError:
    log.error('it fails', exc_info=True)
    log.exception('it fails')
    logging.getLogger('huey').exception('it fails')
    logging.getLogger('asyncio').exception('it fails: %s', sys.argv[1])
thread = threading.Thread(target=fail)
thread.start()
thread.join()
class Left:
    def __del__(self):
        fail()
Left()
fail()
"""
    found = lines(script)
    assert [line["logger"] for line in found] == ["triage.somewhere"] * 2 + ["huey", "asyncio"] + ["triage.logs"] * 3
    assert all(line["error"] == "ValueError" and "in fail" in line["where"] for line in found)
    assert SECRET not in json.dumps(found)


def test_of_a_library_only_the_line_that_spoke_is_kept() -> None:
    """Its messages may hold an address that was asked for, a value that was refused."""
    names = ["asyncio", "httpx2", "PIL.Image", "sqlalchemy.engine"]
    found = lines(f"for name in {names}: logging.getLogger(name).error('GET ' + sys.argv[1])")
    assert [line["logger"] for line in found] == names
    assert {(line["event"], line["place"]) for line in found} == {("a library spoke", "<string>:<module>:9")}


def test_a_warning_says_what_kind_and_where() -> None:
    [line] = lines("warnings.warn(sys.argv[1], RuntimeWarning)")
    assert (line["event"], line["place"]) == ("warning: RuntimeWarning", "<string>:9")
    assert SECRET not in json.dumps(line)


def test_a_line_that_cannot_be_made_is_not_quoted() -> None:
    assert written("log.error('%d lines', sys.argv[1])\nlog.error('after')").count("\n") == 1


def test_for_a_person_lines_are_plain_and_say_no_more() -> None:
    said = written("try: fail()\nexcept ValueError: log.error('it fails', exc_info=True)", form="text")
    assert "it fails" in said and "ValueError" in said and not said.startswith("{")
    assert SECRET not in said


def test_the_level_is_that_of_the_service_and_libraries_stay_quiet() -> None:
    script = "log.debug('a'); log.info('b'); log.warning('c'); logging.getLogger('huey').info('d')"
    assert [line["event"] for line in lines(script, level="debug")] == ["a", "b", "c"]
    assert [line["event"] for line in lines(script, level="warning")] == ["c"]


def test_commands_are_quiet_and_hide_messages_of_errors_too() -> None:
    script = (
        "import logging, sys\nfrom triage import logs\nlogs.quiet()\nlog = logging.getLogger('triage.x')\n"
        "log.info('nothing')\n"
        "try: raise ValueError(sys.argv[1])\nexcept ValueError: log.warning('it waits', exc_info=True)"
    )
    said = subprocess.run([sys.executable, "-c", script, SECRET], capture_output=True, text=True).stderr
    assert said.startswith("it waits\nValueError\n") and SECRET not in said and "nothing" not in said
