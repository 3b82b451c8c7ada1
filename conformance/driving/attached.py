"""An endpoint for clients to ask: found, authorized and bounded as a run of the suite does it."""

from collections.abc import Mapping

from conformance.driving.jobs import JOBS
from conformance.driving.providing import FromEndpoint
from conformance.run import profile as profiles
from conformance.run.environment import read_credentials
from conformance.wire.limits import Limits
from conformance.wire.live import Live
from conformance.wire.redaction import Redactor

TRIES = 1
"""A client sees each answer as it came: trying again is its own business."""


def attached(
    base_url: str, model: str | None, key_env: str | None, environ: Mapping[str, str]
) -> tuple[FromEndpoint, str]:
    """The endpoint at a base URL, and the model to ask for. Raises ProfileError or EndpointError."""
    profile = profiles.override(profiles.adhoc(base_url), model=model, key_env=key_env)
    credentials = read_credentials(profile, environ)
    redactor = Redactor(credentials.secrets, profile.secret_headers)
    live = Live(profile.endpoint, credentials, redactor, Limits(tries=TRIES))
    return FromEndpoint(live, JOBS), profile.model
