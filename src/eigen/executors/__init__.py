"""Work of simulators in other processes and on other machines: the Executor port, its adapters, and what they run."""
