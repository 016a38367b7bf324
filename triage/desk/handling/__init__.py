"""What agents do with a case."""
