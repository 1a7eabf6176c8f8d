"""The configuration of a Distribution registry that asks this gate: written so that it runs as it is."""

import json

from assets.images.gate_bundle import GateBundle
from assets.images.name import split_name
from assets.images.origin import is_loopback

DEFAULT_ADDRESS = "127.0.0.1:5000"


def registry_config(bundle: GateBundle, *, certificate: str, storage: str) -> str:
    """YAML for `registry serve`. `certificate` is the path of the gate's certificate, `storage` a folder for images.

    The registry listens on loopback, at the port that its name has, or at 5000; TLS is its proxy's.
    """
    host, _ = split_name(bundle.repositories[0].name)
    address = host if is_loopback(host) and ":" in host else DEFAULT_ADDRESS
    return f"""\
# A Distribution registry (docker-registry 2.8 or 3) whose tokens come from the gate at {bundle.origin}.
# Each image in it is pulled and pushed by whom the chain says. Start it with: registry serve THIS_FILE
version: 0.1
log:
  level: info
storage:
  filesystem:
    rootdirectory: {_text(storage)}
http:
  addr: {_text(address)}
auth:
  token:
    realm: {_text(f"{bundle.origin}/token")}
    service: {_text(bundle.service)}
    issuer: {_text(bundle.origin)}
    rootcertbundle: {_text(certificate)}
"""


def _text(value: str) -> str:
    """A quoted scalar: JSON's strings are YAML's."""
    return json.dumps(value)
