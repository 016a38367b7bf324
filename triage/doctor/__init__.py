"""Looks at everything that the service needs, changes nothing, and says how to mend what is wrong."""
