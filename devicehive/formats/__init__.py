"""The formats in which the admin shows dates and times, instead of Django's for each language."""
