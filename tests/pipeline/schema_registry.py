"""A schema registry with the two reads of Confluent's API, for tests."""

import http.server
import json
import struct
import threading
import urllib.parse


class Registry:
    """Answers on a port of its own; stop() and start() keep port and schemas."""

    def __init__(self):
        self.schemas = {}  # by id: what /schemas/ids/N answers
        self.subjects = {}  # by (subject, version)
        self.wanted_authorization = None
        self.server = None
        self.port = 0
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def add(self, number, kind, schema, references=()):
        """`references` are (name, subject, version)."""
        answer = {"schema": schema}
        if kind != "AVRO":
            answer["schemaType"] = kind
        if references:
            answer["references"] = [{"name": name, "subject": subject, "version": version}
                                    for name, subject, version in references]
        self.schemas[number] = answer
        return number

    def answer(self, path, headers):
        if self.wanted_authorization and headers.get("Authorization") != self.wanted_authorization:
            return 401, {"error_code": 401, "message": "Unauthorized"}
        parts = urllib.parse.urlparse(path).path.strip("/").split("/")
        if parts[:2] == ["schemas", "ids"] and len(parts) == 3:
            found, code = self.schemas.get(int(parts[2])), 40403
        elif len(parts) == 4 and parts[0] == "subjects":
            name = urllib.parse.unquote(parts[1])
            found, code = self.subjects.get((name, int(parts[3]))), 40401
        else:
            found, code = None, 404
        if found is None:
            return 404, {"error_code": code, "message": "not found"}
        return 200, found

    def start(self):
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802, the name that http.server looks for
                status, answer = registry.answer(self.path, self.headers)
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


def registered(number, payload):
    """`payload` in Confluent's wire format."""
    return b"\x00" + struct.pack(">i", number) + payload
