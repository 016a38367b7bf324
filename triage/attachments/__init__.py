"""What is attached to a report: screenshots, documents, mails and conversations, read as evidence."""
