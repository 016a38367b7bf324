"""Exit codes of the `triage` command, documented in docs/reference.md."""

OK = 0
INPUT = 1  # a report or a file given cannot be read
USAGE = 2  # the command line itself is wrong (Typer's own code), or a setting is
DATA = 3  # rules, corpus or labelled files have errors
