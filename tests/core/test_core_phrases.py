"""What pydantic expected is said in our words."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from lingqu.core.phrases import expected


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (int, "x", "a whole number"),
        (int, 2.5, "a whole number"),
        (float, "x", "a number"),
        (bool, "x", "`true` or `false`"),
        (str, 5, "text"),
        (list[int], 5, "a list, such as `[a, b]`"),
        (tuple[int, ...], 5, "a list, such as `[a, b]`"),
        (dict[str, int], 5, "keys with values, such as `{a: 1}`"),
        (Literal["a", "b"], "c", "one of a, b"),
        (Annotated[int, Field(ge=2)], 1, "≥ 2"),
        (Annotated[float, Field(gt=0, lt=1)], 1.0, "< 1.0"),
        (Annotated[float, Field(gt=0)], 0, "> 0.0"),
        (Annotated[int, Field(le=2)], 3, "≤ 2"),
        (Annotated[str, Field(pattern="^a$")], "b", "String should match pattern '^a$'"),
    ],
)
def test_expectations(
    kind: Any, value: object, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINGQU_LANGUAGE", "en")
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    assert str(expected(caught.value.errors()[0])) == words
