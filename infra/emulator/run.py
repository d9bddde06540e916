"""Runs the AWS emulator until the process that it was started for is gone.

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

# AWS' client for Go, which Terraform has, closes the body of a request when the answer begins. Where its writer was
# still about to look whether there is more of the body, it takes that for a failure, drops the answer and asks
# again: then what it had made "already exists" (smithy-go, `safeWriteToReadCloser`). AWS itself never answers within
# a millisecond; the emulator does, and on a busy machine that was one request of some thousands.
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
    """The emulator, which lets clients in Go finish what they send before it answers."""

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
