"""Read and write files of devices: CSV, NDJSON and JSON arrays."""
