"""Tells the service manager how the process stands: sd_notify(3), one datagram to the socket in `NOTIFY_SOCKET`."""

from __future__ import annotations

import os
import socket


def notify(state: str) -> None:
    """Send `READY=1`, `STOPPING=1` or `STATUS=…`; nothing happens where no service manager listens."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path.startswith(("/", "@")):
        return
    address = "\0" + path[1:] if path.startswith("@") else path
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(state.encode("utf-8"), address)
    except OSError:
        return  # the manager went away; the server goes on
