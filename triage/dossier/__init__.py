"""What a person takes away: the dossier of a case as PDF, its letters as Word files, and all of it as a ZIP."""
