"""What is kept: cases, their evidence, and the keys that open them."""
