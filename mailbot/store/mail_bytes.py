"""The bytes of mails of ours, as they are kept: packed in the database, without their large files.

Each such file is kept once, by its content: the same file goes to staff, to their colleagues and to LKPP. The file lies
beside the database (`raw/SHA-256.part`), encoded as it stands in the mails; the database has the places where it
belongs. A part is on disk before its row is, and is never changed or deleted. What is left of a mail is mostly the same
HTML again and again, of which a fifth remains when it is packed.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from mailbot.errors import PermanentFailure
from mailbot.killpoint import kill_point
from mailbot.store.database import Row, Store, of_disk, sync_folder, write_durably

#: Octets. Smaller parts stay in the database.
LARGE = 64 * 1024
_LEVEL = 1  # of zlib: the others take nearly twice as long for an eighth less
#: Bytes of a file that are read at a time.
_PIECE = 1 << 20
_BEGIN, _END = b"Content-Transfer-Encoding: base64\r\n\r\n", b"\r\n--"  # as `templates.compose` writes an attachment

Place = tuple[int, bytes]  # offset in the bytes that are left, and the part that belongs there


def apart(raw: bytes) -> tuple[bytes, list[Place]]:
    """A mail without its large parts, and these. `joined` is the inverse, for any bytes."""
    rest: list[bytes] = []
    parts: list[Place] = []
    done = length = 0
    while (begin := raw.find(_BEGIN, done)) >= 0:
        begin += len(_BEGIN)
        end = _end(raw, begin)
        rest.append(raw[done:begin])
        length += begin - done
        if end - begin >= LARGE:
            parts.append((length, raw[begin:end]))
        else:
            rest.append(raw[begin:end])
            length += end - begin
        done = end
    return b"".join((*rest, raw[done:])), parts


def _end(raw: bytes, begin: int) -> int:
    """Where a part ends that begins there. Base64 holds no "-", and one sign is found fifty times as fast as four."""
    dash = raw.find(b"-", begin)
    if dash - 2 >= begin and raw[dash - 2 : dash + 2] == _END:
        return dash - 2
    end = raw.find(_END, begin)
    return len(raw) if end < 0 else end


def joined(rest: bytes, parts: Iterable[tuple[int, Iterable[bytes]]]) -> Iterator[bytes]:
    """The whole mail piece by piece. parts: of each its offset in `rest`, and its own pieces."""
    done = 0
    for offset, part in parts:
        yield rest[done:offset]
        yield from part
        done = offset
    yield rest[done:]


def has_files(raw: bytes) -> bool:
    """Whether a mail that `templates.compose` made carries attachments."""
    return b"\r\nContent-Type: multipart/mixed;" in raw[: raw.find(b"\r\n\r\n") + 2]


def put(store: Store, outbox_id: int, raw: bytes) -> None:
    """The bytes of a row of the outbox, in the transaction of the row. Raises what `write_durably` does."""
    rest, parts = apart(raw)
    store.insert("outbox_bytes", id=outbox_id, raw=zlib.compress(rest, _LEVEL), packed=1)
    for offset, part in parts:
        store.insert("outbox_parts", outbox_id=outbox_id, at=offset, file=_kept(store.folder, part))


def bytes_of(store: Store, outbox_id: int) -> bytes:
    """The whole mail. Raises PermanentFailure where a part is gone or altered, Damaged where the disk fails."""
    return b"".join(pieces(store, outbox_id))


def pieces(store: Store, outbox_id: int) -> Iterator[bytes]:
    """The whole mail piece by piece: a large file of it is never in memory as a whole. Raises as `bytes_of` does; what
    is wrong with a file, after its last piece."""
    rest, parts = without_parts(store, outbox_id), _parts(store, outbox_id)
    yield from joined(rest, ((int(row["at"]), _read_pieces(store.folder, str(row["file"]))) for row in parts))


def examine(store: Store, outbox_id: int) -> None:
    """Raises as `bytes_of` does."""
    without_parts(store, outbox_id)
    for row in _parts(store, outbox_id):
        for _ in _read_pieces(store.folder, str(row["file"])):
            pass


def without_parts(store: Store, outbox_id: int) -> bytes:
    """The mail without its large files: all of its words. Raises PermanentFailure where they have been altered."""
    row = store.row("SELECT raw, packed FROM outbox_bytes WHERE id = ?", outbox_id)
    if row is None:
        raise LookupError(f"no bytes of mail {outbox_id}")
    try:
        return zlib.decompress(row["raw"]) if row["packed"] else bytes(row["raw"])
    except zlib.error as error:
        raise PermanentFailure(f"mail {outbox_id}", f"its bytes have been altered: {error}") from error


def files(store: Store) -> list[str]:
    """The names of all parts that rows name."""
    return [str(row["file"]) for row in store.rows("SELECT DISTINCT file FROM outbox_parts ORDER BY file")]


def _kept(folder: Path, part: bytes) -> str:
    """Its file's name. The file is on disk; one that is not as it was is written anew."""
    name = f"{hashlib.sha256(part).hexdigest()}.part"
    path = folder / "raw" / name
    try:
        there = path.exists() and path.read_bytes() == part
        if there:
            sync_folder(path.parent)  # whoever wrote it may have died before its name was on disk
    except OSError as error:
        raise of_disk(folder, str(path), error, confirming=True) from error
    if not there:
        write_durably(path, part, folder)
    kill_point("parted")
    return name


def _parts(store: Store, outbox_id: int) -> list[Row]:
    return store.rows("SELECT at, file FROM outbox_parts WHERE outbox_id = ? ORDER BY at", outbox_id)


def _read_pieces(folder: Path, name: str) -> Iterator[bytes]:
    path, digest = folder / "raw" / name, hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                yield piece
    except FileNotFoundError as error:
        raise PermanentFailure(str(path), "the file of this mail's attachment is gone") from error
    except OSError as error:
        raise of_disk(folder, str(path), error) from error
    if f"{digest.hexdigest()}.part" != name:
        raise PermanentFailure(str(path), "the file of this mail's attachment has been altered")
