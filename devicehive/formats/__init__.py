"""How the admin writes moments, in the place of what Django has for each language."""
