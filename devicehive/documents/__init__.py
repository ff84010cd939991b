"""Generates the documents of the protocol from the registry and the shapes of the actions."""
