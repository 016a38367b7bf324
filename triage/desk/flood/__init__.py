"""Reports used as weapons: found, and set apart for a supervisor; never refused, lowered nor dropped."""
