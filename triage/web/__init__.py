"""The HTTP front: the API and the page."""
