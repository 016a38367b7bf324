"""From labelled texts to a model, and what it is worth."""
