"""The `triage` command, a module per group of commands."""
