"""The process of the command line: ``lrdsl`` and ``python -m lrdsl``."""

from __future__ import annotations

import errno
import gc
import io
import os
import sys


def run() -> None:
    """Runs the command line in a process of its own."""
    # Importing makes no garbage, and looking for some takes a tenth of a short process.
    gc.set_threshold(100_000)
    _prepare()
    from lrdsl.cli import main

    try:
        main(prog_name="lrdsl")
    except OSError as error:
        # What reads and writes files reports their errors itself, with their names; click ends
        # quietly where nobody reads the pipe.
        if error.filename is not None:
            raise
        _give_up(error)
    finally:
        gc.freeze()  # or the interpreter would look through all of it once more at its end


def _prepare() -> None:
    """Opens the streams that the process was started without, and makes every text printable."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = getattr(sys, name)
        if stream is None:
            # No file that is opened later may get its number. Input and output are opened the wrong
            # way round: using them fails as with a closed one. Errors there have no reader.
            null = os.open(os.devnull, os.O_RDONLY if name == "stdout" else os.O_WRONLY)
            if null != number:
                os.dup2(null, number)
                os.close(null)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8"))
        elif number and isinstance(stream, io.TextIOWrapper):
            # Names of files may be no text, and a terminal may lack letters.
            stream.reconfigure(errors="backslashreplace")


def _give_up(error: OSError) -> None:
    """Ends the process where what it prints cannot be written."""
    reason = os.strerror(error.errno or errno.EIO)
    try:
        sys.stderr.write(f"lrdsl: cannot write the output: {reason}\n")
        sys.stderr.flush()
    except OSError:
        pass
    # What is left in the buffers cannot be written either, and Python would try.
    os._exit(2)


if __name__ == "__main__":
    run()
