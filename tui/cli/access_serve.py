"""`dockchains access serve`."""

from pathlib import Path

import click

from tui.cli.call import Call
from tui.cli.command import Needs, verb
from tui.cli.output import Output
from tui.text import lines


@verb(needs=Needs.NOTHING, node_options=True, example="dockchains access serve gate.json --listen 127.0.0.1:8081")
@click.argument("bundle", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--listen",
    metavar="HOST:PORT",
    help="Loopback only; put a proxy in front. Default: the origin, if it is on this machine, else 127.0.0.1:8081.",
)
@click.option("--sessions", type=click.Path(path_type=Path), metavar="FILE", help="Default: FILE.sessions, beside it.")
@click.option("--proxied", is_flag=True, help="Limit rates by the last address that X-Forwarded-For names.")
@click.option(
    "--per-minute", type=click.IntRange(1, 1_000_000), default=600, help="Requests of one client. Default: 600."
)
@click.option(
    "--write-config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Serve nothing: write docker-registry's configuration to a new FILE (- is standard output).",
)
@click.option(
    "--storage",
    metavar="FOLDER",
    default="/var/lib/registry",
    help="For --write-config: where the registry keeps images. Default: /var/lib/registry.",
)
def command(
    call: Call,
    *,
    bundle: Path,
    listen: str | None,
    sessions: Path | None,
    proxied: bool,
    per_minute: int,
    write_config: Path | None,
    storage: str,
) -> Output:
    """Let holders of access units pull, and owners push, at the registry of the bundle in FILE, until it is stopped.

    FILE is what `access export-gate` wrote. A node is needed, and no wallet: what somebody holds is looked up on the
    chain for each token, and a token is good for five minutes. Access is access: whoever has pulled an image can keep
    it, also after the unit was sold on. --write-config prints what the registry needs to ask this gate. Who asked and
    what was granted is written to the program's log file.
    """
    from tui.gate import serve

    if write_config is not None:
        return _configuration(call, bundle, write_config, storage)
    open_sessions = serve(
        call.house,
        bundle,
        listen=listen,
        sessions=sessions or bundle.with_name(f"{bundle.name}.sessions"),
        proxied=proxied,
        per_minute=per_minute,
        confirmations=call.workplace.reading_confirmations,
        note=call.note,
    )
    return Output(data={"sessions": open_sessions}, text="")


def _configuration(call: Call, bundle: Path, target: Path, storage: str) -> Output:
    """Writes the registry's configuration; the certificate that it names goes beside the bundle."""
    from tui.gate import registry_configuration
    from tui.verbs.files import write_new

    text, certificate = registry_configuration(call.house, bundle, storage)
    data = {"file": str(target), "certificate": str(certificate), "config": text}
    if str(target) != "-":
        write_new(target, text.encode("utf-8"))
    call.note(f"the registry reads the gate's certificate from {certificate}")
    return Output(data=data, text=lines(text.rstrip("\n").split("\n")) if str(target) == "-" else str(target))
