"""Photos of strangers: the type by content, nothing in them but the picture, everything odd refused."""

import random
import struct

import pytest

from certificates.photos import MOST_BYTES, PhotoError, PhotoProblem, read_photo
from tests.enquiries.make import make_jpeg, make_png


def test_place_camera_comments_and_what_hangs_on_behind_are_left_out() -> None:
    secret = b"GPS 36.65 117.12 <script>alert(1)</script>"
    jpeg = make_jpeg(
        (0xE1, b"Exif\0\0" + secret), (0xFE, secret), (0xEE, b"Adobe\0d\0\0\0\0\1"), behind=b"PK\x03\x04" + secret
    )
    photo = read_photo(jpeg)
    assert photo.kind == "jpg"
    assert secret not in photo.content
    assert b"Exif" not in photo.content
    assert b"Adobe" in photo.content
    assert photo.content.endswith(b"\x12\xff\x00\x34\xff\xd0\x56\xff\xd9")
    assert read_photo(photo.content) == photo

    png = make_png((b"tEXt", b"Comment\0" + secret), (b"eXIf", secret), behind=secret)
    photo = read_photo(png)
    assert (photo.kind, photo.content) == ("png", make_png())


def make_exif(order: str, turned: int) -> bytes:
    """What a phone writes: its make, the way up, and a place."""
    mark = b"II" if order == "<" else b"MM"
    entries = struct.pack(f"{order}HHII", 0x010F, 2, 9, 50) + struct.pack(f"{order}HHIHH", 0x0112, 3, 1, turned, 0)
    return b"Exif\0\0" + mark + struct.pack(f"{order}HIH", 42, 8, 2) + entries + bytes(4) + b"GPS 36.65 Phone-X"


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_photo_keeps_its_way_up_and_nothing_else_of_what_a_phone_notes(order: str) -> None:
    turned = read_photo(make_jpeg((0xE1, make_exif(order, 6)), (0xE1, make_exif(order, 3))))
    assert turned.content.count(b"Exif") == 1
    assert b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06" in turned.content
    assert b"Phone" not in turned.content
    assert read_photo(turned.content) == turned
    for useless in (0, 1, 9):
        assert b"Exif" not in read_photo(make_jpeg((0xE1, make_exif(order, useless)))).content


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", PhotoProblem.EMPTY),
        (b"\xff\xd8\xff" + bytes(MOST_BYTES), PhotoProblem.TOO_LARGE),
        (b"GIF89a" + bytes(40), PhotoProblem.NO_PHOTO),
        (b"<svg onload=alert(1)>", PhotoProblem.NO_PHOTO),
        (b"<html><script>", PhotoProblem.NO_PHOTO),
        (b"%PDF-1.7", PhotoProblem.NO_PHOTO),
        (b"MZ" + bytes(100), PhotoProblem.NO_PHOTO),
        (b"\0\0\0\x18ftypheic", PhotoProblem.NO_PHOTO),
        (b"\xff\xd8\xff<script>alert(1)</script>", PhotoProblem.BROKEN),
        (b"\x89PNG\r\n\x1a\n", PhotoProblem.BROKEN),
        (b"\x89PNG\r\n\x1a\n<?php", PhotoProblem.BROKEN),
        (make_png()[:-5], PhotoProblem.BROKEN),
        (make_png().replace(b"IDAT", b"IDAX"), PhotoProblem.BROKEN),
        (make_png(width=2**31 - 1), PhotoProblem.BROKEN),
        (make_png(width=0), PhotoProblem.BROKEN),
        (make_jpeg(width=0), PhotoProblem.BROKEN),
        (make_jpeg()[:-2], PhotoProblem.BROKEN),
        (make_jpeg()[:20], PhotoProblem.BROKEN),
    ],
)
def test_what_is_no_sound_photo_is_refused(content: bytes, problem: PhotoProblem) -> None:
    with pytest.raises(PhotoError) as refused:
        read_photo(content)
    assert refused.value.problem is problem


def test_mutated_photos_are_read_or_refused_and_nothing_else() -> None:
    chance = random.Random(7)
    for _ in range(2_000):
        content = bytearray(chance.choice((make_jpeg((0xE1, b"x" * 9)), make_png((b"tEXt", b"y" * 9)))))
        for _ in range(chance.randint(1, 4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        try:
            photo = read_photo(
                bytes(content[: chance.randrange(len(content) + 1)] if chance.random() < 0.3 else content)
            )
        except PhotoError:
            continue
        assert read_photo(photo.content) == photo
