"""Names that the OCI image specification, Docker's schema 2 and FORMATS give to documents."""

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"

LISTS = frozenset({OCI_INDEX, DOCKER_LIST})
"""Documents that list one image per platform."""

MANIFESTS = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})
"""Documents that describe one image."""

ACCEPT = f"{OCI_INDEX}, {OCI_MANIFEST}, {DOCKER_LIST}, {DOCKER_MANIFEST}"
"""The header of every request for a manifest: a registry answers 404 to a type that is not in it."""

SCHEMA_1 = frozenset(
    {
        "application/vnd.docker.distribution.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
    }
)
"""Docker's first manifests: signed inside, so that their digest is not that of their bytes."""

EMPTY_CONFIG = "application/vnd.oci.empty.v1+json"

DEFINITION = "application/vnd.dockchains.definition.v1+json"
EVIDENCE = "application/vnd.dockchains.evidence.v1+jsonl"
EVIDENCE_2 = "application/vnd.dockchains.evidence.v2+jsonl"
"""Evidence with lines that readers of version 1 refuse."""

MANIFESTS_ARTIFACT = "application/vnd.dockchains.manifests.v1"

OCTETS = "application/octet-stream"


def essence(content_type: str) -> str:
    """The media type without its parameters, in lower case (RFC 9110, section 8.3.1)."""
    return content_type.partition(";")[0].strip().lower()
