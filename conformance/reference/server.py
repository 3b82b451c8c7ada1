"""Starts the provider on a loopback port of its own, and stops it again."""

import socket
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn

from conformance.contract.contracts import Contract
from conformance.contract.schemas import models_of
from conformance.reference.app import Providers, application
from conformance.reference.hooks import HEALTHY, Hooks
from conformance.reference.mutants import mutants
from conformance.reference.provider import MODEL, PACE, Provider
from conformance.reference.variants import variants

HOST = "127.0.0.1"
KEY = "reference-key"
"""The key that the provider takes unless told otherwise."""


class UnknownName(ValueError):
    """No mutant or variant has that name."""


@contextmanager
def serve(
    *,
    port: int = 0,
    latency: float = 0.0,
    mutant: str | None = None,
    variant: str | None = None,
    key: str = KEY,
    models: Sequence[str] = (),
    pace: float = PACE,
    contract: Contract = Contract.ANYFAST,
) -> Iterator[str]:
    """Serve in a thread; gives the base URL (`http://127.0.0.1:PORT/v1`) once it answers.

    `latency` is waited before each answer, `pace` before each delta of a stream, in seconds. `mutant` or
    `variant` names what is served at that URL; the others have theirs beside it (`url_of`). `contract` is
    what they keep, or are seen to break: they serve the model that it names, and `models`. Raises
    UnknownName, and OSError where the port is taken.
    """
    providers = providers_of(key, mutant=mutant, variant=variant, models=models, pace=pace, contract=contract)
    with listening(providers, port=port, latency=latency) as base_url:
        yield base_url


@contextmanager
def listening(providers: Providers, *, port: int = 0, latency: float = 0.0) -> Iterator[str]:
    """Serve these providers in a thread; gives the base URL of the plain one once it answers.

    Raises OSError where the port is taken.
    """
    with socket.create_server((HOST, port)) as listener:
        # Connections inherit it; without it each small answer waits for the client's delayed ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = uvicorn.Server(config_of(providers, latency))
        thread = threading.Thread(target=server.run, args=([listener],), name="reference", daemon=True)
        thread.start()
        try:
            address = f"http://{HOST}:{listener.getsockname()[1]}"
            # The listener queues connections from the start: the first answer says that it is ready.
            with urllib.request.urlopen(f"{address}/ready", timeout=10) as ready:  # noqa: S310 - http, loopback
                ready.read()
            yield f"{address}/v1"
        finally:
            server.should_exit = True
            server.force_exit = True
            thread.join(timeout=10)


def url_of(base_url: str, *, mutant: str = "", variant: str = "") -> str:
    """The base URL of a mutant or a variant on the server that serves `base_url`."""
    root = base_url.removesuffix("/v1")
    return f"{root}/m/{mutant}/v1" if mutant else f"{root}/b/{variant}/v1"


def config_of(providers: Providers, latency: float) -> uvicorn.Config:
    """The server's settings: one process, silent, nothing but HTTP."""
    return uvicorn.Config(
        application(providers, latency),
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_level="critical",
        access_log=False,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=1 << 20,
    )


def providers_of(
    key: str,
    *,
    mutant: str | None = None,
    variant: str | None = None,
    models: Sequence[str] = (),
    pace: float = PACE,
    contract: Contract = Contract.ANYFAST,
) -> Providers:
    """The providers of one server. Raises UnknownName."""

    names = (*(models_of(contract) or (MODEL,)), *models)

    def provider(hooks: Hooks) -> Provider:
        return Provider(key, hooks, names, pace, contract)

    def make(kind: str, name: str) -> Provider | None:
        try:
            return provider(mutant_hooks(name, contract) if kind == "m" else variant_hooks(name))
        except UnknownName:
            return None

    hooks = HEALTHY
    if mutant is not None:
        hooks = mutant_hooks(mutant, contract)
    elif variant is not None:
        hooks = variant_hooks(variant)
    return Providers(provider(hooks), make)


def mutant_hooks(name: str, contract: Contract = Contract.ANYFAST) -> Hooks:
    """The hooks of a mutant, of those that follow from a contract. Raises UnknownName."""
    try:
        return mutants(contract)[name].hooks
    except KeyError:
        raise UnknownName(f"no mutant is called {name!r}") from None


def variant_hooks(name: str) -> Hooks:
    """The hooks of a variant. Raises UnknownName."""
    try:
        return variants()[name].hooks
    except KeyError:
        raise UnknownName(f"no variant is called {name!r}") from None
