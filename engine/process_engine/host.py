"""The host that the job log names."""

import os
import socket

NAMED_BY = "PROCESS_BATCH_HOST_NAME"
"""Environment variable with another name for this host, for runs that are compared with each other."""


def host_name() -> str:
    """The name of this host, a pod's in the cluster."""
    return os.environ.get(NAMED_BY) or socket.gethostname()
