"""What this server is measured beside."""
