"""What is done apart from any request: reading evidence, sorting exports of comments, sending notices."""
