"""A believable desk to try: invented people, invented reports, days of work on them."""
