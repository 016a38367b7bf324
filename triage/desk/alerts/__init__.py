"""Tells whoever is on duty that a case waits."""
