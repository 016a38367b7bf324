"""What agents read first, and who has what."""
