"""What the wire knows of a provider: where calls go, and how they get there."""

from dataclasses import dataclass
from pathlib import Path


class EndpointError(ValueError):
    """An endpoint cannot be reached that way. The message is one line: what is wrong, how to mend it."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One provider's endpoint.

    `base_url` is what the client libraries take (`https://host/v1`). The key goes out as
    `key_header: key_scheme key`. `proxy` is the only proxy in use: the environment's proxy variables are not
    read. `ca_bundle` replaces the public certificate authorities.
    """

    base_url: str
    responses_path: str = "/responses"
    key_header: str = "Authorization"
    key_scheme: str = "Bearer"
    proxy: str = ""
    ca_bundle: Path | None = None
