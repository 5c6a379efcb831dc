"""Google's Quantum Engine: `service` (the driver), `processors` (a machine's specification as a device), `circuits`
(circuits in its gates)."""
