"""Photos and documents, kept in memory while the server runs."""

import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from bot.sandbox.telegram.call import Call, Upload, Wire, bad_request

MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_KEPT_BYTES = 200 * 1024 * 1024

_SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif"}


@dataclass(frozen=True)
class StoredFile:
    """A file that can be sent again by its id and downloaded by its path."""

    id: str
    unique_id: str
    path: str
    name: str
    content_type: str
    data: bytes
    width: int = 0
    height: int = 0

    def photo_size(self) -> Wire:
        """The file as a PhotoSize."""
        return {**self._base(), "width": self.width, "height": self.height}

    def document(self) -> Wire:
        """The file as a Document."""
        return {**self._base(), "file_name": self.name, "mime_type": self.content_type}

    def file(self) -> Wire:
        """The file as a File."""
        return {**self._base(), "file_path": self.path}

    def _base(self) -> Wire:
        return {"file_id": self.id, "file_unique_id": self.unique_id, "file_size": len(self.data)}


class Files:
    """The files; when they take too much room the oldest go first."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._count = 0

    def by_path(self, path: str) -> StoredFile | None:
        """The file with the download path that getFile gave."""
        return next((file for file in self._by_id.values() if file.path == path), None)

    def by_id(self, call: Call) -> StoredFile:
        """The file that a getFile call asks for."""
        if not call.text("file_id"):
            raise bad_request("file_id not specified")
        file = self._by_id.get(call.text("file_id"))
        if file is None:
            raise bad_request("invalid file_id")
        return file

    def sent(self, call: Call, kind: str) -> StoredFile:
        """The photo or document (`kind`) of a send call: uploaded, or known by its id."""
        given = call.text(kind)
        name = given.removeprefix("attach://") if given.startswith("attach://") else kind
        if (upload := call.files.get(name)) is not None:
            return self.keep_photo(upload) if kind == "photo" else self.keep_document(upload)
        if not given or given.startswith("attach://"):
            raise bad_request(f"there is no {kind} in the request")
        if given.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")  # the sandbox reaches no other machine
        if given not in self._by_id:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return self._by_id[given]

    def keep_photo(self, upload: Upload) -> StoredFile:
        """Store a picture. Refused when it is none, too large or too narrow."""
        if len(upload.data) > MAX_PHOTO_BYTES:
            raise bad_request(f'file "{upload.name}" of size {len(upload.data)} bytes is too big for a photo')
        content_type, width, height = picture(upload.data)
        if not width or not height:
            raise bad_request("IMAGE_PROCESS_FAILED")
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        return self._keep(Upload(upload.name, content_type, upload.data), "photos", width, height)

    def keep_document(self, upload: Upload) -> StoredFile:
        """Store any file that has something in it."""
        if not upload.data:
            raise bad_request("file must be non-empty")
        return self._keep(upload, "documents")

    def _keep(self, upload: Upload, folder: str, width: int = 0, height: int = 0) -> StoredFile:
        self._count += 1
        suffix = _SUFFIXES.get(upload.content_type) or upload.name.rpartition(".")[2][:8] or "bin"
        path = f"{folder}/file_{self._count}.{suffix if suffix.isalnum() else 'bin'}"
        file = StoredFile(
            f"AgAC{secrets.token_urlsafe(24)}",
            secrets.token_urlsafe(10),
            path,
            upload.name,
            upload.content_type,
            upload.data,
            width,
            height,
        )
        self._by_id[file.id] = file
        room = sum(len(kept.data) for kept in self._by_id.values())
        while room > MAX_KEPT_BYTES:
            room -= len(self._by_id.pop(next(iter(self._by_id))).data)
        return file


def picture(data: bytes) -> tuple[str, int, int]:
    """Type, width and height of a PNG, JPEG or GIF; ("", 0, 0) for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return "image/png", width, height
    if data.startswith((b"GIF87a", b"GIF89a")) and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return "image/gif", width, height
    if data.startswith(b"\xff\xd8"):
        for marker, body in _jpeg_segments(data):
            # The frame headers are C0 to CF without C4, C8 and CC, which mean other things.
            if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC} and len(body) >= 5:
                height, width = struct.unpack(">HH", body[1:5])
                return "image/jpeg", width, height
    return "", 0, 0


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xFF:  # padding
            at += 1
            continue
        yield marker, data[at + 4 : at + 2 + size]
        at += 2 + size
