"""Manifests and lists: what is read, what is refused, and that nothing else ever comes of any bytes (T8)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.images.digest import Digest
from assets.registry.artifacts import artifact_manifest
from assets.registry.media_types import (
    DEFINITION,
    DOCKER_LIST,
    DOCKER_MANIFEST,
    EMPTY_CONFIG,
    LISTS,
    MANIFESTS,
    OCI_INDEX,
    OCI_MANIFEST,
)
from assets.registry.oci import ImageManifest, ManifestError, ManifestList, parse_manifest, stated_media_type
from assets.registry.printable import printable
from tests.assets.registry.images import compact, image, image_list

ONE = image()


def changed(data: bytes, **fields: object) -> bytes:
    document: dict[str, Any] = json.loads(data)
    return compact({**document, **fields})


def test_unknown_fields_are_tolerated() -> None:
    found = parse_manifest(changed(ONE.manifest, future={"x": [1, None]}), OCI_MANIFEST)
    assert isinstance(found, ImageManifest)
    assert found.layers[0].digest == Digest.of(ONE.layer)


def test_a_document_without_a_media_type_is_what_it_is_served_as() -> None:
    document = json.loads(image_list(ONE))
    del document["mediaType"]
    found = parse_manifest(compact(document), f"{OCI_INDEX}; charset=utf-8")
    assert isinstance(found, ManifestList)
    assert found.media_type == OCI_INDEX


@pytest.mark.parametrize(("kind", "source"), [(DOCKER_LIST, image_list(ONE)), (DOCKER_MANIFEST, ONE.manifest)])
def test_docker_documents_are_read_as_oci_ones_are(kind: str, source: bytes) -> None:
    assert parse_manifest(changed(source, mediaType=kind), kind).media_type == kind


def test_a_list_may_hold_a_list() -> None:
    child = {"mediaType": OCI_INDEX, "digest": str(Digest.of(b"inner")), "size": 5}
    found = parse_manifest(changed(image_list(), manifests=[child]), OCI_INDEX)
    assert isinstance(found, ManifestList)
    assert found.children[0].media_type == OCI_INDEX


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (changed(ONE.manifest, layers="none"), "malformed"),
        (changed(ONE.manifest, layers=[{"mediaType": "x", "digest": str(ONE.digest), "size": True}]), "malformed"),
        (changed(ONE.manifest, layers=[{"mediaType": "x", "digest": str(ONE.digest), "size": -1}]), "-1 bytes"),
        (changed(ONE.manifest, layers=[{"mediaType": "x", "digest": str(ONE.digest), "size": 2**60}]), "bytes"),
        (changed(ONE.manifest, layers=[{"mediaType": "x", "digest": "sha256:zz", "size": 1}]), "digest"),
        (changed(ONE.manifest, annotations={"a": 1}), "malformed"),
        (changed(ONE.manifest, mediaType=7), "says that it is"),
        (changed(ONE.manifest, schemaVersion=3), "schemaVersion"),
        (changed(ONE.manifest, manifests=[]), "ambiguous"),
        (changed(ONE.manifest, Manifests=[]), "letter case"),
        (changed(ONE.manifest, MediaType=OCI_INDEX), "letter case"),
        (ONE.manifest.replace(b'"layers"', b'"config":{},"layers"'), "twice"),
        (ONE.manifest.replace(b'"size":', b'"size":1,"size":', 1), "twice"),
        (ONE.manifest.replace(b'"size":', b'"size":NaN,"x":', 1), "no number of JSON"),
        (b"[]", "not a JSON object"),
        (b"", "not valid JSON"),
        (b"\xef\xbb\xbf" + ONE.manifest, "not valid JSON"),
        (b'{"a":' * 200_000, "not valid JSON"),
    ],
    ids=range(18),
)
def test_a_document_of_wrong_types_or_of_two_meanings_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ManifestError, match=why):
        parse_manifest(data, OCI_MANIFEST)


@given(st.binary(), st.sampled_from(sorted(LISTS | MANIFESTS)))
def test_any_bytes_are_a_document_or_a_manifest_error(data: bytes, kind: str) -> None:
    with pytest.raises(ManifestError):
        parse_manifest(data, kind)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    st.sampled_from(["schemaVersion", "mediaType", "config", "layers", "annotations", "subject", "artifactType"]), _JSON
)
def test_a_document_with_any_field_replaced_is_read_or_refused(key: str, value: object) -> None:
    try:
        found = parse_manifest(changed(ONE.manifest, **{key: value}), OCI_MANIFEST)
    except ManifestError:
        return
    assert isinstance(found, ImageManifest)


def test_an_artifact_has_the_specified_bytes() -> None:
    annotations = {"dockchains.network": "0f" * 32, "dockchains.genesis": "ab" * 32}
    manifest = artifact_manifest(DEFINITION, (b"hello",), annotations, subject=None)
    assert manifest.decode() == (
        '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",'
        '"artifactType":"application/vnd.dockchains.definition.v1+json",'
        '"config":{"mediaType":"application/vnd.oci.empty.v1+json",'
        '"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},'
        '"layers":[{"mediaType":"application/vnd.dockchains.definition.v1+json",'
        '"digest":"sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","size":5}],'
        f'"annotations":{{"dockchains.genesis":"{"ab" * 32}","dockchains.network":"{"0f" * 32}"}}}}'
    )


@given(st.binary(), st.dictionaries(st.text(), st.text(), max_size=3))
def test_an_artifact_reads_back_as_what_was_written(data: bytes, annotations: dict[str, str]) -> None:
    try:
        manifest = artifact_manifest(DEFINITION, (data,), annotations, subject=None)
    except UnicodeEncodeError:
        return
    assert stated_media_type(manifest) == OCI_MANIFEST
    found = parse_manifest(manifest, OCI_MANIFEST)
    assert isinstance(found, ImageManifest)
    assert found.annotations == annotations
    assert (found.artifact_type, found.config.media_type) == (DEFINITION, EMPTY_CONFIG)
    assert [(one.media_type, one.digest, one.size) for one in found.layers] == [
        (DEFINITION, Digest.of(data), len(data))
    ]


@given(st.text())
def test_printable_text_holds_nothing_that_a_terminal_obeys(text: str) -> None:
    shown = printable(text, 50)
    assert len(shown) <= 50
    assert shown.isascii()
    assert shown == "" or shown.isprintable()
