"""The `triage` command."""

from __future__ import annotations

import sys

from triage import logs
from triage.cli import codes
from triage.cli.app import app
from triage.configuration import ConfigurationError
from triage.errors import DataError, TriageError


def main() -> None:
    """Runs the command; what the user can mend is said in French on the error output, without a traceback."""
    logs.quiet()
    try:
        app()
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(codes.USAGE)
    except DataError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(codes.DATA)
    except TriageError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(codes.INPUT)
    except BrokenPipeError:
        sys.exit(codes.OK)


if __name__ == "__main__":
    main()
