"""Domains of addresses, compared as their owners register them."""

from __future__ import annotations

from functools import cache

import tldextract


def domain(address: str) -> str:
    """What follows the last @ of `address`."""
    return address.rpartition("@")[2].strip("<> .").lower()


def registered(name: str) -> str:
    """The registered part of a host or domain (« mail.ville.fr » → « ville.fr »), "" when there is none."""
    return _extractor()(name.lower()).top_domain_under_public_suffix


def organisation(name: str) -> str:
    """What identifies the owner of a host or domain: its registered part, else all of `name`."""
    return registered(name) or name.lower()


@cache
def _extractor() -> tldextract.TLDExtract:
    """Knows the public suffixes that ship with the library: it reads nothing from the network."""
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
