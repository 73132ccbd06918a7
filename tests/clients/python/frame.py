"""What the drivers in Python share: settings, lines in and out (driver.py says what they mean)."""

import sys
import threading


def say(*fields):
    print(*fields, sep="\t", flush=True)


def commands():
    """The fields of each line, until the end of input."""
    for line in sys.stdin:
        yield line.rstrip("\n").split("\t")


def answer(action, *arguments):
    """`ok` with what the action returns, or `error` with what it raised."""
    try:
        result = action(*arguments)
    except Exception as error:  # whatever class a client has for it
        say("error", f"{type(error).__name__}: {error}".replace("\n", " "))
    else:
        say("ok", *([] if result is None else result))


def serve(obj):
    """Carries out each command by the object's method of that name; `send` has no answer."""
    for name, *arguments in commands():
        if name == "send":
            obj.send(*arguments)
        else:
            answer(getattr(obj, name), *arguments)


def end_of_input():
    """An event that is set when there is no more input."""
    ended = threading.Event()

    def wait():
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    return ended


def run(roles):
    """Runs the role that the command line names, with its settings."""
    role, *settings = sys.argv[1:]
    roles[role](dict(setting.split("=", 1) for setting in settings))
