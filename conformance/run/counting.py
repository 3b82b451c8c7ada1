"""Counts the tokens of a text, with a tokenizer library that carries its ranks in its package."""

import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module

INSTALL = "pip install 'responses-conformance[billing]'"

LIBRARY = "bpe_openai"
"""The bindings of GitHub's tokenizer: the ranks are in the wheel, so that nothing is loaded while it runs."""

COUNTED = frozenset({"o200k_base", "cl100k_base"})
"""The tokenizers that the library has, of those that a profile may name."""


@cache
def counter(name: str) -> Callable[[str], int] | None:
    """The count of a text's tokens by one of COUNTED; None where the extra is not there."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of how the library opens its own files
            encoding = import_module(LIBRARY).get_encoding(name)
    except ImportError:
        return None

    def count(text: str) -> int:
        whole = text.encode("utf-8", "replace").decode("utf-8")
        return len(encoding.encode_ordinary(whole))

    return count
