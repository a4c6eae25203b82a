# Not Node: run, restarted, logged and stopped like any app; sockets are its own affair.
import os
import time

while True:
    print("worker", os.environ["SKEIN_SLOT"], "is here", flush=True)
    time.sleep(1)
