"""The measures of the « pack sécurité élu », each with its life cycle."""
