"""What happened: the kinds of threats, the classifier, rules and classifier together."""
