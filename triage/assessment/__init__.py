"""How fast a human must act: facts, red flags, disposition, questions."""
