"""Devices in files: CSV, NDJSON and JSON arrays, as people and their programs write them."""
