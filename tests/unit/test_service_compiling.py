"""Who waits for kernels to be compiled is told so."""

from __future__ import annotations

import numba
import pytest

from creditfactory.service import compiling


def test_a_compilation_is_announced_once_and_a_run_is_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling._LISTENER, "has_said", False)
    one, other = numba.njit(lambda number: number + 1), numba.njit(lambda number: number + 2)
    compiling.announce_compiling()
    compiling.announce_compiling()
    assert capsys.readouterr().err == ""
    assert one(1) == 2
    assert capsys.readouterr().err == compiling.SAID + "\n"
    assert (one(2), other(1)) == (3, 3)
    assert capsys.readouterr() == ("", "")
