"""The REST surface: HTTP and JSON to calls of `Service` and back. `app` builds it, `server` runs it."""
