"""Tests of files of devices, read and written without a command."""
