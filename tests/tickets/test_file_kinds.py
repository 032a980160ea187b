"""What a file is, by name and by content."""

import pytest

from tickets.file_kinds import disagreement, is_device, is_text, kind_of, picture_kind

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 30
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 30
GIF = b"GIF89a/*" + b"\0" * 30
WEBP = b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 30
PROGRAM = b"MZ" + b"\0" * 58 + (64).to_bytes(4, "little") + b"PE\0\0" + b"\0" * 30
ZIP = b"PK\x03\x04" + b"\0" * 30


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.png", PNG),
        ("a.PNG", PNG),
        ("a.jpeg", JPEG),
        ("a.gif", GIF),
        ("a.webp", WEBP),
        ("a.pdf", b"%PDF-" + b"1.7"),
        ("a.pdf", b"\xef\xbb\xbf\n%PDF-" + b"1.4"),
        ("a.zip", ZIP),
        ("a.docx", ZIP),
        ("a.jar", ZIP),
        ("a.evtx", b"ElfFile\0"),
        ("a.txt", b"MZ is how this log begins"),
        ("a.log", "信".encode("big5")),
        ("a.csv", b"\xff\xfea\0,\0b\0"),
        ("a.svg", b"<svg onload=alert(1)>"),
        ("trace", b"\x01\x02\x03\0"),
        ("a.exe", PROGRAM),
    ],
)
def test_name_and_content_that_agree_pass(name, head):
    """P-7: a refusal must be right, above all of a log."""
    assert disagreement(name, head) is None


@pytest.mark.parametrize(
    ("name", "head", "words"),
    [
        ("a.png", JPEG, ("PNG", "JPEG")),
        ("a.jpg", WEBP, ("JPEG", "WebP")),
        ("a.jpg", PROGRAM, ("JPEG", "EXE")),
        ("a.webp", b"RIFF\0\0\0\0WAVEfmt ", ("WebP", "")),
        ("a.pdf", b"<html>", ("PDF", "")),
        ("a.txt", ZIP, ("TXT", "ZIP")),
        ("a.txt", PROGRAM, ("TXT", "EXE")),
        ("a.log", b"ab\0cd", ("LOG", "")),
        ("invoice", PROGRAM, ("", "EXE")),
        ("a.dat", PNG, ("DAT", "PNG")),
        ("a.docx", b"plain", ("Office", "")),
    ],
)
def test_name_and_content_that_differ_are_told_apart(name, head, words):
    """P-7"""
    assert disagreement(name, head) == words


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [("a.png", PNG, "PNG"), ("a.gif", GIF, "GIF"), ("a.svg", b"<svg>", ""), ("a.pdf", PNG, "")],
)
def test_a_preview_takes_a_picture_by_both(name, head, kind):
    """P-7"""
    assert picture_kind(name, head) == kind


@pytest.mark.parametrize("name", ["con", "NUL.txt", "com1.tar.gz", "LPT9", "CON.txt", "aux."])
def test_names_of_windows_devices_are_known(name):
    """P-7"""
    assert is_device(name)


@pytest.mark.parametrize("name", ["console.txt", "nullify.log", "com10.txt", "report.con"])
def test_other_names_are_no_devices(name):
    """P-7"""
    assert not is_device(name)


def test_text_may_be_cut_within_a_letter_but_not_hold_nul():
    """P-7"""
    cut = ("a" * 4095 + "信").encode()[:4096]
    assert (is_text(cut), is_text(b"\xe4\xbf"), is_text(b"a\0b"), kind_of(b"")) == (True, False, False, None)
