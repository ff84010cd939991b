"""The servers that this server is compared with."""
