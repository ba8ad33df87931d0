"""The ``vnjournal`` program: its commands and how it ends."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from vnjournal.cli import archive_commands, demo, fix, harvest, indexing, printing, text_commands
from vnjournal.errors import VnjournalError
from vnjournal.version import __version__

_BAD = 2
_INTERRUPTED = 130


class _Program(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:  # the reader of our output has seen enough
            _discard_output()
            return 0
        return result


def _discard_output() -> None:
    """Send what is still to be written nowhere: the interpreter would try again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(
    cls=_Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96}
)
@click.version_option(__version__, prog_name="vnjournal")
def cli() -> None:
    """Search Vietnamese journal archives with or without diacritics, and fix their typos.

    \b
    vnjournal index articles/           make an archive of a folder of articles
    vnjournal search dang bo so         search it
    vnjournal demo                      see it work on sample articles
    """


for command in (
    indexing.index,
    *archive_commands.COMMANDS,
    *text_commands.COMMANDS,
    fix.fix,
    harvest.harvest,
    demo.demo,
):
    cli.add_command(command)


def main() -> None:
    """Run the program; exits with 0 (done), 1 (nothing found, damage) or 2 (bad use or input)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        code = cli(prog_name="vnjournal", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = _BAD
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "vnjournal"
        message = error.format_message().rstrip(".")
        printing.complain(f"{message}: see '{command} --help'")
        code = _BAD
    except click.Abort:
        printing.complain("interrupted")
        code = _INTERRUPTED
    except (click.ClickException, VnjournalError) as error:
        printing.complain(str(error))
        code = _BAD
    except OSError as error:
        _discard_output()
        printing.complain(": ".join(filter(None, (error.strerror or str(error), error.filename))))
        code = _BAD
    sys.exit(code or 0)
