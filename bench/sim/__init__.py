"""Our engines beside their peers over families of circuits: see command.py for what can be asked."""
