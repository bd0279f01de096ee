"""Keeping passwords out of configs, which every run records."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SECRET = re.compile(r"secret|token|password|passwd|_key$|^key$|sas")
PUBLIC = ("aws_access_key_id",)


def in_options(key: str, options: Mapping[str, Any] | None) -> list[str]:
    """A problem for each option that looks like a secret."""
    return [
        f"{key}.{name}: a run records its config, and this looks like a secret; leave it out and set the "
        f"environment variable {name.upper()}, which is read too"
        for name in options or {}
        if SECRET.search(name.lower()) and name.lower() not in PUBLIC
    ]


def in_address(address: str) -> bool:
    """Whether the address holds a password."""
    parts = urlsplit(address)
    return parts.password is not None or any(SECRET.search(name.lower()) for name, _ in parse_qsl(parts.query))
