"""Who asks, and over which wire: API keys, OIDC tokens, the rules of binding an address, TLS. `authenticator` is its
door for the surfaces."""

from eigen.api.identity.authenticator import authenticator
from eigen.api.identity.binding import check_internal, check_public, is_loopback_host, split_address

__all__ = ["authenticator", "check_internal", "check_public", "is_loopback_host", "split_address"]
