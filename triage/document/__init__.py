"""A report made ready: words, sentences, whose words, dates, qualifiers."""
