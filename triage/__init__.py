"""Sorts reports of online attacks on elected officials: what happened, how fast somebody must act, and why."""

__version__ = "0.1.0"
