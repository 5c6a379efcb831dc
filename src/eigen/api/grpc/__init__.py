"""gRPC `eigen.api.v1`: each call is read, answered by the `Service`, and written. Nothing is decided here."""
