"""The pages of the desk, under /desk."""
