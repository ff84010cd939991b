"""Peer (b): Channels' JSON consumer and `update_or_create`, as a Django developer would first write
it, served by daphne. It checks none of the protocol's rules."""
