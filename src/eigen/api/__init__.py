"""The public door: gRPC, REST and GraphQL over one `Service`. It authenticates, translates and authorises, no more."""
