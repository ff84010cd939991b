"""The protocol over HTTP, request by request (docs/reference/rest.md)."""
