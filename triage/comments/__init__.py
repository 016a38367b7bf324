"""An export of comments, sorted comment by comment, becomes one case."""
