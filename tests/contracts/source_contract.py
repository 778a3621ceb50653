"""What every `Source` must do. An adapter is done when it passes unchanged."""

from __future__ import annotations

import pytest

from lingqu.core import digest
from lingqu.core.errors import DataError
from lingqu.core.ports import Source
from lingqu.release.conform import conform


class SourceContract:
    """Subclass it and give the fixtures `source`, `changed` and `absent`."""

    @pytest.fixture
    def source(self) -> Source:
        """Return a source with at least two rows."""
        raise NotImplementedError

    @pytest.fixture
    def changed(self) -> Source:
        """Return a source like `source`, of other data."""
        raise NotImplementedError

    @pytest.fixture
    def absent(self) -> Source:
        """Return a source whose data cannot be read."""
        raise NotImplementedError

    def test_is_a_source(self, source: Source) -> None:
        assert isinstance(source, Source)

    def test_frame_and_schema_agree(self, source: Source) -> None:
        dataset = source.read()
        assert len(dataset) >= 2
        assert dataset.frame.columns == list(dataset.schema.names)
        assert conform(dataset.frame, dataset.schema).equals(dataset.frame)
        assert all(column.reason for column in dataset.schema)
        assert all(column.reason_zh != column.reason for column in dataset.schema)

    def test_decides_no_target(self, source: Source) -> None:
        assert {column.role for column in source.read().schema} <= {"feature", "id", "ignored"}

    def test_reads_the_same_twice(self, source: Source) -> None:
        first, second = source.read(), source.read()
        assert first.digest == second.digest != ""
        assert first.frame.equals(second.frame)

    def test_says_where_it_came_from(self, source: Source) -> None:
        facts = source.read().facts
        assert facts["source"]
        digest.of_json(dict(facts))

    def test_fingerprint_follows_the_data(self, source: Source, changed: Source) -> None:
        assert source.fingerprint() == source.fingerprint()
        assert source.fingerprint() != changed.fingerprint()

    def test_absent_data_is_refused(self, absent: Source) -> None:
        with pytest.raises(DataError):
            absent.read()
        with pytest.raises(DataError):
            absent.fingerprint()
