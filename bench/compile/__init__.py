"""Our compiler beside its peers over families of circuits and shapes of devices: see command.py."""
