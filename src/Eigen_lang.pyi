"""Another spelling of `eigen_lang`."""

from eigen_lang import *  # noqa: F403
