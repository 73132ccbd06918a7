"""A TCP proxy on loopback that cuts connections when it is told to, in the middle of what passes."""

import random
import selectors
import socket
import struct
import threading


class Proxy:
    """Forwards from `port` to `target_port` on a thread of its own."""

    PIECE_BYTES = 16 * 1024

    def __init__(self, target_port):
        self.target_port = target_port
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.peers = {}
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def cut(self, chooser: random.Random, share=1.0):
        """Resets that share of the connections; what was under way in them is lost."""
        with self.lock:
            for client in [one for one in self.peers if chooser.random() < share]:
                self._drop(client)

    def stop(self):
        self.stopping.set()
        self.thread.join()
        with self.lock:
            for client in list(self.peers):
                self._drop(client)
        self.listener.close()
        self.selector.close()

    def _run(self):
        while not self.stopping.is_set():
            for key, _ in self.selector.select(timeout=0.05):
                with self.lock:
                    if key.fileobj is self.listener:
                        self._accept()
                    elif key.fileobj in self.peers:
                        self._forward(key.fileobj)

    def _accept(self):
        client, _ = self.listener.accept()
        try:
            server = socket.create_connection(("127.0.0.1", self.target_port), timeout=5)
        except OSError:
            client.close()
            return
        for one, other in ((client, server), (server, client)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one.settimeout(5)
            self.peers[one] = other
            self.selector.register(one, selectors.EVENT_READ)

    def _forward(self, one):
        try:
            data = one.recv(self.PIECE_BYTES)
            if data:
                self.peers[one].sendall(data)
                return
        except OSError:
            pass
        self._drop(one)

    def _drop(self, one):
        other = self.peers.pop(one, None)
        if other is None:
            return
        self.peers.pop(other, None)
        for end in (one, other):
            self.selector.unregister(end)
            # An RST, so that nothing that was sent before still arrives.
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.close()
