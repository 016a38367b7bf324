"""The rules: their language, their files, what they find in a text."""
