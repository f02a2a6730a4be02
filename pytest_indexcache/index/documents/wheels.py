"""Generate wheels: the same :class:`WheelSpec` always produces the same bytes on every machine."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from typing import Literal

from pytest_indexcache.index.documents.archives import Member, check_padding, crc32, zip_archive
from pytest_indexcache.index.documents.contents import Digests, PaddingContent
from pytest_indexcache.index.documents.releases import ReleaseSpec
from pytest_indexcache.messages import BytesContent, Content

Damage = Literal["bad-crc", "short-record", "not-a-zip"]
"""The ways in which an archive can be damaged."""


@dataclass(frozen=True)
class BuiltDistribution:
    """A generated wheel or sdist; ``metadata`` is the file with its core metadata."""

    filename: str
    content: Content
    metadata: bytes

    @cached_property
    def digests(self) -> Digests:
        """The digests of the whole file."""
        return Digests(self.content)

    @cached_property
    def metadata_digests(self) -> Digests:
        """The digests of the core metadata."""
        return Digests(BytesContent(self.metadata))


@dataclass(frozen=True)
class WheelSpec(ReleaseSpec):
    """The properties of a wheel; ``padding`` is a size in bytes.

    ``tag``, such as ``cp312-cp312-manylinux_2_28_x86_64``, only affects the filename and the
    metadata: the contents are always pure Python.

    :raises ValueError: if an attribute's name cannot be used in Python, or if the padding is too
        large for a zip file
    """

    tag: str = "py3-none-any"
    build_tag: str | None = None
    padding: int = 0
    damage: Damage | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_padding(self.padding)

    @cached_property
    def filename(self) -> str:
        """The wheel's filename (binary distribution format, "File name convention")."""
        if self.called:
            return self.called
        parts = [self.stem, self.build_tag, self.tag]
        return "-".join(part for part in parts if part) + ".whl"


def build_wheel(spec: WheelSpec) -> BuiltDistribution:
    """Generate an uncompressed wheel that contains the modules and metadata of a release.

    All its members are dated 1 January 1980. Padding is generated while the wheel is read. Only the
    checksums of the padding are computed immediately; they are cached for each padding length.
    """
    # 1, 1.0 and True are equal, but their source text differs
    return _build_wheel(spec, repr(spec.attributes))


@lru_cache(maxsize=4096)
def _build_wheel(spec: WheelSpec, _attributes: str) -> BuiltDistribution:
    metadata = spec.metadata()
    if spec.damage == "not-a-zip":
        junk = f"This is not a zip file, but build {spec.build!r} of {spec.stem}.\n"
        return BuiltDistribution(spec.filename, BytesContent(junk.encode()), metadata)
    dist_info = f"{spec.stem}.dist-info"
    modules = [Member.of(path, data) for path, data in spec.module_files().items()]
    padding = [_padding(f"{dist_info}/padding", spec.padding)] if spec.padding else []
    described = [
        Member.of(f"{dist_info}/METADATA", metadata),
        Member.of(f"{dist_info}/WHEEL", _wheel_file(spec)),
    ]
    recorded = [*padding, *modules, *described]
    if spec.damage == "short-record":
        recorded.remove(modules[0])
    record = Member.of(f"{dist_info}/RECORD", _record(recorded, f"{dist_info}/RECORD"))
    if spec.damage == "bad-crc":
        modules[0] = Member(modules[0].path, modules[0].content, modules[0].crc ^ 0xFFFF_FFFF)
    # "Archivers are encouraged to place the .dist-info files physically at the end of the archive"
    content = zip_archive([*padding, *modules, *described, record])
    return BuiltDistribution(spec.filename, content, metadata)


def _wheel_file(spec: WheelSpec) -> bytes:
    lines = ["Wheel-Version: 1.0", "Generator: pytest-indexcache", "Root-Is-Purelib: true"]
    expanded = product(*(part.split(".") for part in spec.tag.split("-")))
    lines += [f"Tag: {'-'.join(tag)}" for tag in expanded]
    lines += [f"Build: {spec.build_tag}"] if spec.build_tag else []
    return "\n".join([*lines, ""]).encode()


def _record(members: list[Member], own_path: str) -> bytes:
    lines = [f"{m.path},sha256={_digest(m.content)},{m.content.length}\n" for m in members]
    return "".join([*lines, f"{own_path},,\n"]).encode()


def _digest(content: Content) -> str:
    if isinstance(content, BytesContent):
        return _urlsafe(hashlib.sha256(content.data).digest())
    return _padding_digest(content.length)


@lru_cache(maxsize=64)
def _padding_digest(length: int) -> str:
    return _urlsafe(bytes.fromhex(Digests(PaddingContent(length)).sha256))


@lru_cache(maxsize=64)
def _padding(path: str, length: int) -> Member:
    content = PaddingContent(length)
    return Member(path, content, crc32(content))


def _urlsafe(digest: bytes) -> str:
    return urlsafe_b64encode(digest).decode().rstrip("=")
