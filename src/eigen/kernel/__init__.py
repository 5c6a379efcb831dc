"""Jobs: decide, then act. `kernel` takes and shows them, `jobs` decides, `worker` acts through `effects`."""
