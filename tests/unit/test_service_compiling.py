"""Who waits for kernels to be compiled is told so."""

from __future__ import annotations

import numba
import pytest
from numba.core import event

from creditfactory.service import compiling


def test_a_compilation_is_announced_once_and_a_run_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    one, other = numba.njit(lambda number: number + 1), numba.njit(lambda number: number + 2)
    with event.install_listener("numba:compile", compiling._SayOnce()):
        assert capsys.readouterr().err == ""
        assert one(1) == 2
        assert capsys.readouterr().err == compiling.SAID + "\n"
        assert (one(2), other(1)) == (3, 3)
    assert capsys.readouterr() == ("", "")
