"""The clients: what each is called, how its driver is started, and how one that is missing is installed."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from conformance.driving.jobs import JOBS
from conformance.resources import PACKAGE

NODE = PACKAGE / "driving" / "node"
"""The drivers of Node's clients, with package.json and lock file; what they need is installed beside."""

PIP = "pip install 'responses-conformance[clients]'"


@dataclass(frozen=True, slots=True)
class Client:
    """One client. `package` is its distribution, `driver` the module or the file in NODE that drives it.

    `streams` says that it never asks for an answer that is no stream. `cannot` has a reason for each job that
    it cannot do by itself, `prompts` another prompt for a job that it does in its own way.
    """

    name: str
    package: str
    runtime: Literal["python", "node"]
    driver: str
    streams: bool = False
    cannot: Mapping[str, str] = field(default_factory=dict)
    prompts: Mapping[str, str] = field(default_factory=dict)

    @property
    def jobs(self) -> tuple[str, ...]:
        """What it can do."""
        return tuple(name for name in JOBS if name not in self.cannot)

    def command(self, python: str) -> list[str]:
        """What starts its driver."""
        if self.runtime == "node":
            return ["node", str(NODE / self.driver)]
        return [python, "-m", f"conformance.driving.python.{self.driver}"]

    def missing(self, python: str) -> str:
        """Why it cannot be run, with the command that mends it; empty where it can."""
        if self.runtime == "node":
            if shutil.which("node") is None:
                return "there is no node: install Node 20 or newer"
            installed = (NODE / "node_modules" / self.package / "package.json").is_file()
            return "" if installed else f"not installed: npm ci --prefix {NODE}"
        return "" if has_distribution(python, self.package) else f"not installed: {PIP}"


def has_distribution(python: str, package: str) -> bool:
    """Whether an interpreter's environment has a distribution, and the drivers."""
    asked = f"import importlib.metadata as m, conformance.driving.python; m.version({package!r})"
    try:
        found = subprocess.run([python, "-c", asked], capture_output=True, check=False, timeout=60)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0


CLIENTS: Mapping[str, Client] = MappingProxyType(
    {
        client.name: client
        for client in (
            Client("openai-python", "openai", "python", "openai_python"),
            Client("openai-agents", "openai-agents", "python", "openai_agents"),
            Client("langchain", "langchain-openai", "python", "langchain_openai"),
            Client("pydantic-ai", "pydantic-ai-slim", "python", "pydantic_ai"),
            Client("openai-node", "openai", "node", "openai-node.mjs"),
            Client("ai-sdk", "ai", "node", "ai-sdk.mjs"),
            Client(
                "codex",
                "@openai/codex",
                "node",
                "codex.mjs",
                streams=True,
                prompts={"loop": "Call the get_goal tool once. Then reply with exactly: Hello there"},
                cannot={
                    name: "a program with tools of its own"
                    for name in JOBS
                    if name not in {"text", "stream", "loop", "structured"}
                },
            ),
        )
    }
)
"""Every client, by its name."""
