"""Faults on demand, a few of each: all of them are `python -m tests.faults`."""

import os

import pytest

from tests import faults


@pytest.mark.skipif(os.name == "nt", reason="Windows has no fork")
def test_no_fault_makes_a_wrong_answer(capsys):
    status = faults.main(4)
    said = capsys.readouterr().out
    assert status == 0, said
    kinds = [line.partition(":")[0] for line in said.splitlines()]
    assert kinds == ["killed loads", "full disks", "damages", "clocks", "two servers"]


@pytest.mark.parametrize(
    "answer",
    [
        {"problem": None, "said": ["ICT 000001", "Fixed 000002"]},
        {"problem": None, "said": ["ICT 000001", "Fixed 000001"]},
        {"problem": "it could not be done", "said": ["ICT 000002", "Fixed 000002"]},
        {"problem": None, "said": None},
        {},
    ],
)
def test_a_mix_an_old_answer_an_error_and_silence_are_wrong(answer):
    found = faults.Found("any")
    faults._expect(found, answer, {2}, "here")
    assert len(found.wrong) == 1
    faults._expect(found, {"problem": None, "said": ["ICT 000002", "Fixed 000002"]}, {2}, "here")
    assert len(found.wrong) == 1


def test_a_wrong_answer_is_told_and_ends_in_an_error(capsys, monkeypatch):
    def wrong(*_: object) -> faults.Found:
        return faults.Found("kind", wrong=["a mix"])

    for kind in ("kills", "full_disk", "damages", "clocks", "two_servers"):
        monkeypatch.setattr(faults, kind, wrong)
    assert faults.main(1) == 1
    assert "kind: , wrong 1\n  a mix" in capsys.readouterr().out
