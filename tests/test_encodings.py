"""A file that is text of none of our encodings is refused with its cause; ours are read as ever."""

import random

import pytest

from dashboard.load import encodings, text
from dashboard.load.publish import LoadRefused, load
from tests.small_workspaces import ledger, rows

PAYMENTS = """Date,Supplier,Amount
03/04/2018,Alder Ltd,100.10
04/04/2018,{},£200.00
05/04/2018,{},50.25
"""
READ = "UTF-8, UTF-16 or Windows' western text, cp1252): save it as 'CSV UTF-8'"


def refusal_of(plant, encoding: str, *suppliers: str) -> str:
    """Why a ledger with these suppliers is refused in an encoding that has no word for it."""
    workspace = plant(ledger())
    raw = PAYMENTS.format(*suppliers).encode(encoding, errors="replace")
    (workspace.data / "a.csv").write_bytes(raw)
    with pytest.raises(LoadRefused) as refused:
        load(workspace)
    return str(refused.value)


@pytest.mark.parametrize("encoding", ["cp037", "cp500", "cp1140"])
def test_a_mainframes_file_is_told_by_name(plant, either_reader, encoding):
    said = refusal_of(plant, encoding, "Birch Ltd", "Cedar Ltd")

    assert "this seems to come from a mainframe (EBCDIC)" in said
    assert READ in said


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be"])
def test_utf_32_is_told_by_name(plant, either_reader, encoding):
    assert "this seems to be UTF-32" in (
        said := refusal_of(plant, encoding, "Birch Ltd", "Café Cedar")
    )
    assert READ in said


def test_utf_7_is_told_by_its_pound_signs(plant, either_reader):
    said = refusal_of(plant, "utf-7", "Birch Ltd", "Cedar Ltd")

    assert "line 3 seems to be in UTF-7" in said
    assert READ in said


@pytest.mark.parametrize(
    ("encoding", "suppliers", "shown"),
    [
        ("shift_jis", ("東京商事", "アルファ"), "line 3"),
        ("euc_jp", ("東京商事", "アルファ"), "line 3 would read 'Åìµþ¾¦»ö'"),
        ("gb18030", ("北京公司", "Cedar Ltd"), "line 3 would read '±±¾©¹«Ë¾'"),
        ("big5", ("北京公司", "Cedar Ltd"), "line 3 would read '¥_¨Ê¤½¥q'"),
        ("euc_kr", ("한국상사", "Cedar Ltd"), "line 3 would read 'ÇÑ±¹»ó»ç'"),
        ("koi8_r", ("Birch Ltd", "Ромашка"), "line 4 would read 'òÏÍÁÛËÁ'"),
        ("cp1251", ("Birch Ltd", "Лев"), "line 4 would read 'Ëåâ'"),
        ("iso8859_7", ("Αθήνα", "Cedar Ltd"), "line 3 would read 'ÁèÞíá'"),
        ("cp1250", ("Żółw", "Cedar Ltd"), "line 3 would read '¯ó³w'"),
        ("cp1256", ("شركة", "Cedar Ltd"), "line 3 would read 'ÔÑßÉ'"),
    ],
)
def test_another_alphabet_is_refused_and_shown(plant, either_reader, encoding, suppliers, shown):
    said = refusal_of(plant, encoding, *suppliers)

    assert shown in said
    assert READ in said
    assert "or have the contract's 'encoding' name its own" in said


def test_mail_of_japan_is_no_text_of_ours(plant, either_reader):
    said = refusal_of(plant, "iso2022_jp", "東京商事", "Cedar Ltd")

    assert "line 3 seems to be in an encoding of Japanese or Chinese mail" in said


def test_another_alphabet_among_lines_of_utf_8_is_refused_too(plant, either_reader):
    workspace = plant(ledger())
    first, second, third, fourth = PAYMENTS.format("Café", "北京公司").splitlines()
    raw = "\n".join((first, second, third)).encode() + b"\n" + fourth.encode("gb18030")
    (workspace.data / "a.csv").write_bytes(raw)

    with pytest.raises(LoadRefused, match="line 4 would read '±±¾©¹«Ë¾'"):
        load(workspace)


def test_an_alphabet_that_the_contract_names_is_read(plant, either_reader):
    workspace = plant(ledger(encoding="gb18030"))
    raw = PAYMENTS.format("北京公司", "Cedar Ltd").replace("£", "").encode("gb18030")
    (workspace.data / "a.csv").write_bytes(raw)

    report = load(workspace)

    assert rows(workspace, report, "select supplier, amount_gbp::varchar from ledger") == [
        ("Alder Ltd", "100.10"),
        ("北京公司", "200.00"),
        ("Cedar Ltd", "50.25"),
    ]


def test_what_is_far_down_a_large_file_is_told_as_well(plant, monkeypatch):
    monkeypatch.setattr("dashboard.settings.FAST_READER_BYTES", 0)
    workspace = plant(ledger())
    many = "".join(f"03/04/2018,Caf\xe9 {n},1.00\n" for n in range(20_000))
    raw = f"Date,Supplier,Amount\n{many}".encode("cp1252") + "03/04/2018,Ωμέγα,2.00\n".encode(
        "iso8859_7"
    )
    (workspace.data / "a.csv").write_bytes(raw + many.encode("cp1252"))

    with pytest.raises(LoadRefused, match="line 20002 would read 'ÙìÝãá'"):
        load(workspace)


def test_western_names_signs_and_dashes_are_read_as_ever(plant, either_reader):
    names = ("Café Zoë – “Ñandú” £½m² Straße…", "O’Neil ÅÄ Ltd • L’Œuvre ©® 20°C ±3%")
    workspace = plant(ledger())
    raw = PAYMENTS.format(*names).encode("cp1252")
    (workspace.data / "a.csv").write_bytes(raw)

    report = load(workspace)

    assert [s for (s,) in rows(workspace, report, "select supplier from ledger")] == [
        "Alder Ltd",
        *names,
    ]


def test_names_that_were_saved_twice_in_different_encodings_are_told(plant, either_reader):
    workspace = plant(ledger())
    text = PAYMENTS.format("Café", "Cedar Ltd").replace("£", "")
    (workspace.data / "a.csv").write_text(text.encode().decode("cp1252"), encoding="utf-8")

    report = load(workspace)

    assert [note for one in report.files for note in one.notes] == [
        "line 3: 'CafÃ©' was saved twice in different encodings before it came here; such texts "
        "are loaded as they stand"
    ]


SIGNS = "€…•–—‘’“”™ £§©«­®°·»"
LETTERS = "éÑœžŽÕÐþ¢¤ƒ„¡¿½"


def answer(raw: bytes) -> tuple | str:
    try:
        read = text.read_text(raw)
    except text.FileRefused as refused:
        return str(refused)
    return read.text, read.encoding, read.notes


@pytest.mark.parametrize("seed", range(10))
def test_what_spares_a_closer_look_changes_no_answer(monkeypatch, seed):
    chance = random.Random(seed)
    answers = set()
    for _ in range(60):
        letters = chance.choice((SIGNS, SIGNS + LETTERS, "£", "£é")) + "aA1 ,"
        lines = [
            "".join(chance.choice(letters) for _ in range(chance.randint(1, 12))).encode(
                chance.choice(("cp1252", "cp1252", "utf-8"))
            )
            for _ in range(4)
        ]
        raw = b"\n".join([b"a", *lines])
        said = answer(raw)
        with monkeypatch.context() as patch:
            patch.setattr(encodings, "_has_lone_signs_only", lambda raw: False)
            patch.setattr(text, "may_hold_utf_8", lambda raw: True)
            assert answer(raw) == said
        answers.add(said if isinstance(said, str) else said[1])
    assert len(answers) > 2


@pytest.mark.parametrize("sign", ["£", "·", "°"])
def test_a_sign_three_times_over_is_no_word_of_another_alphabet(sign):
    assert encodings.foreign(f"Acme,{sign * 3},10.00\n".encode("cp1252")) is None
