"""Runs the AWS emulator until the process that it was started for is gone.

    python run.py PID

A test run that is killed can stop nothing, so the emulator looks for itself. Where it listens comes from
the environment: BIND_HOST, GATEWAY_PORT.
"""

import os
import sys
import threading
import time

from ministack.app import main


def end_with(pid: int) -> None:
    while True:
        time.sleep(1)
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=end_with, args=(int(sys.argv.pop()),), daemon=True).start()
    main()
