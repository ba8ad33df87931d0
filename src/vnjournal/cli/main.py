"""The ``vnjournal`` program: its commands and how it ends."""

from __future__ import annotations

import sys

import click

from vnjournal.cli import archive_commands, demo, text_commands
from vnjournal.errors import VnjournalError
from vnjournal.version import __version__

_BAD = 2
_INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96})
@click.version_option(__version__, prog_name="vnjournal")
def cli() -> None:
    """Search Vietnamese journal archives with or without diacritics, and fix their typos.

    \b
    vnjournal index articles/           make an archive of a folder of articles
    vnjournal search dang bo so         search it
    vnjournal demo                      see it work on sample articles
    """


for command in (*archive_commands.COMMANDS, *text_commands.COMMANDS, demo.demo):
    cli.add_command(command)


def main() -> None:
    """Run the program; exits with 0 (done), 1 (nothing found, damage) or 2 (bad use or input)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        code = cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        code = _INTERRUPTED
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        code = 0
    except VnjournalError as error:
        click.echo(f"vnjournal: {error}", err=True)
        code = _BAD
    sys.exit(code or 0)
