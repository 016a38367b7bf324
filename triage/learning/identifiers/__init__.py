"""Finds in a text what designates somebody: numbers, accounts and addresses of a fixed shape, names, places."""
