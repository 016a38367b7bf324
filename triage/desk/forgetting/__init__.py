"""Forgets what has been kept long enough, and gives people what is held about them."""
