"""The HTTP function: puts what is posted into the queue, and answers at once."""

from __future__ import annotations

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import redis

database = redis.from_url(os.environ["REDIS_URL"])


class Front(BaseHTTPRequestHandler):
    """Answers requests."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Queue the body."""
        text = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        body = json.dumps({"queued": database.rpush("queue", text)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the platform logs each request."""


ThreadingHTTPServer(("0.0.0.0", 9000), Front).serve_forever()
