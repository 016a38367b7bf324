"""What people do with a case: one verb, one function."""
