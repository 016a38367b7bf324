"""Statistics that pages, commands and learning share: proportions, agreement of readers, weighted samples."""
