"""The relay of the event log to the outside: CloudEvents to Kafka or a file, each in order and at least once."""
