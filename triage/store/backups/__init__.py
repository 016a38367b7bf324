"""Backups: the whole store in a folder of files that any version reads again, into either database; never the keys."""
