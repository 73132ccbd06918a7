"""Memory that a measure is about to use, made ready."""

import tempfile
import time


def touch(size, folder="."):
    """Fills and frees `size` bytes of the page cache; returns the MB/s of it.

    The first touch of a virtual machine's memory, and of what it gave back to its host since, is a
    fault in that host: it costs more than the write does and comes at random. Who is compared gets
    memory that was just touched.
    """
    block = bytes(1 << 20)
    start = time.monotonic()
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(size >> 20):
            file.write(block)
    return size / (time.monotonic() - start) / 1e6
