"""What a worker does before its first job."""

import gc

import pytest

from lingqu.engine.worker import load


@pytest.mark.parametrize("collects", [True, False])
def test_imports_leave_collection_as_it_was(
    collects: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        taken = load(["json", "lingqu.no_such_module"])
        assert gc.isenabled() is collects
    finally:
        (gc.enable if was else gc.disable)()
    assert list(taken) == ["json", "lingqu.no_such_module"]
    assert "No module named 'lingqu.no_such_module'" in capsys.readouterr().err
