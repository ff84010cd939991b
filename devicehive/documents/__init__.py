"""The documents of the protocol, made from the registry and the shapes of the actions."""
