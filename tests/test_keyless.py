"""An endpoint without authorization: its profile needs no key, and sends one that is there."""

from pathlib import Path

import pytest

from conformance.verdicts.gate import USAGE
from tests.hostile import behaviours
from tests.hostile.serving import serving
from tests.runs import KEY, run

PROFILE = """
base_url = "{url}"

[capabilities]
authorization = {claimed}
"""


@pytest.mark.parametrize(("key", "sent"), [("", None), (KEY, f"Bearer {KEY}")], ids=["unset", "set"])
def test_without_authorization_no_key_is_asked_for(tmp_path: Path, key: str, sent: str | None) -> None:
    with serving(behaviours.well) as served:
        profile = tmp_path / "open.toml"
        profile.write_text(PROFILE.format(url=served.base_url, claimed="false"))
        done = run(
            tmp_path / "r", "-k", "test_usage", f"--provider={profile}", environ={"CONFORMANCE_API_KEY": key}
        )
    assert done.code != USAGE, done.printed
    assert {request.headers.get("authorization") for request in served.requests} == {sent}


def test_with_authorization_a_missing_key_is_a_mistake(tmp_path: Path) -> None:
    profile = tmp_path / "closed.toml"
    profile.write_text(PROFILE.format(url="http://127.0.0.1:9/v1", claimed="true"))
    done = run(tmp_path / "r", f"--provider={profile}", environ={"CONFORMANCE_API_KEY": ""})
    assert done.code == USAGE, done.printed
    assert "CONFORMANCE_API_KEY is empty" in done.printed
