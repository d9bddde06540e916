"""Runs the AWS emulator until the given process has ended.

    python run.py PID

A test run that is killed can stop nothing, so the emulator looks for itself. Where it listens comes from
the environment: BIND_HOST, GATEWAY_PORT.
"""

import asyncio
import os
import sys
import threading
import time

from ministack import app as emulator

# Terraform uses AWS' client for Go, which closes the body of a request when the answer begins. If its writer has not yet
# read the end of the body, the client treats that as a failure, drops the answer and retries; the resource then "already
# exists" (smithy-go, `safeWriteToReadCloser`). AWS never answers within a millisecond. The emulator does, which broke
# one request of some thousands on a busy machine.
GO_CLIENT = b"aws-sdk-go"
GO_CLIENT_WAITS_S = 0.005


def end_with(pid: int) -> None:
    while True:
        time.sleep(1)
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            os._exit(0)


def unhurried(app):
    """Wraps the emulator: answers only after clients in Go have sent their body."""

    async def answer(scope, receive, send):
        async def send_later(message):
            if message["type"] == "http.response.start":
                await asyncio.sleep(GO_CLIENT_WAITS_S)
            await send(message)

        await app(scope, receive, send_later if is_from_go(scope) else send)

    return answer


def is_from_go(scope) -> bool:
    headers = scope.get("headers", [])
    return any(name == b"user-agent" and GO_CLIENT in value for name, value in headers)


if __name__ == "__main__":
    threading.Thread(target=end_with, args=(int(sys.argv.pop()),), daemon=True).start()
    emulator.app = unhurried(emulator.app)
    emulator.main()
