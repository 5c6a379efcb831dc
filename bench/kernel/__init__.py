"""The durable queue, on each database: submitting, claiming, dispatching, restarting, remembering; beside its peers."""
