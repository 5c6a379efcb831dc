"""Drivers in processes of their own: engines that do not share this process's memory, environment or fate."""
