"""What is said of it: the sheet for a person, the JSON for a machine, the words that decided."""
