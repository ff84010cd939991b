"""Files of devices: how they are read and written, without a command."""
