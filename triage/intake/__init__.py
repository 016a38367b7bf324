"""What came in: the report, its spelling, the addresses and numbers in it."""
