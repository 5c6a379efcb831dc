"""`Bucket`: objects by key in an S3 bucket, with the conditional writes that the stores above rest on.

A request that may succeed another time is made again for a while, with jitter; whether an earlier try had arrived, the
caller finds out, for whom every write is either conditional or idempotent. `obstore` is loaded here, lazily.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple, Unpack

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from eigen.qfs.s3_address import S3Address

T = TypeVar("T")
A = TypeVar("A")
Given = TypeVarTuple("Given")
RETRY_SECONDS = 20.0
"""For how long a request is made again."""
FIRST_PAUSE, MOST_PAUSE = 0.05, 2.0
"""Seconds that are waited at most before the second try, and before any: doubled from try to try, and of each a random
part (full jitter: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015)."""
CONNECT_SECONDS = 5.0
PARALLEL = 8
_CODE = re.compile(r"<Code>\s*(\w{1,64})\s*</Code>")
_MESSAGE = re.compile(r"<Message>\s*([^<]{1,300}?)\s*</Message>")
_STATUS = re.compile(r"status code: (\d{3})")
MISSING = frozenset({"", "NoSuchKey"})
"""What a bucket that is there says of a key that is not."""
LATER = frozenset({"RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "ThrottlingException"})
HINTS = {
    "NoSuchBucket": "make the bucket, or correct `artifacts_url`",
    "InvalidBucketName": "correct `artifacts_url`",
    "SignatureDoesNotMatch": "the secret does not belong to the key id: correct `s3_secret_access_key`",
    "InvalidAccessKeyId": "the endpoint does not know the key id: correct `s3_access_key_id`, or `s3_endpoint`",
    "ExpiredToken": "the session token has run out: renew the credentials",
    "RequestTimeTooSkewed": "set the clock of this host",
    "AccessDenied": "the key needs `s3:GetObject` and `s3:PutObject` on the prefix, and `s3:ListBucket` on the bucket",
    "AuthorizationHeaderMalformed": "correct `s3_region`",
    "PermanentRedirect": "the bucket is elsewhere: correct `s3_region` or `s3_endpoint`",
}


class Bucket:
    """The objects under the prefix of an address, by keys relative to it.

    Raises EIGEN_NOT_AVAILABLE without the extra `s3`; every method EIGEN_STORE_UNAVAILABLE. `requests` counts what was
    sent, by kind.
    """

    def __init__(self, address: S3Address) -> None:
        self.address = address
        self.requests: Counter[str] = Counter()
        self.retry_seconds = RETRY_SECONDS
        self._store = _open(address)
        self._counting = threading.Lock()
        self._pool = ThreadPoolExecutor(PARALLEL, thread_name_prefix="s3")

    def get(self, key: str, *, unless: str = "", most: int | None = None) -> tuple[bytes, str] | None:
        """The bytes and the tag of an object, or None. While it has the tag `unless`, no bytes and that tag. Of more
        than `most` bytes nothing is read: EIGEN_QFS_DATA_LOSS."""
        import obstore
        from obstore.exceptions import NotModifiedError

        def ask() -> tuple[bytes, str] | None:
            try:
                found = obstore.get(self._store, self._path(key), options={"if_none_match": unless} if unless else None)
                if most is not None and int(found.meta["size"]) > most:
                    message = f"`{key}` in {self.address} is larger than `{most}` bytes"
                    raise EigenError("EIGEN_QFS_DATA_LOSS", message)
                return bytes(found.bytes()), _tag(found.meta)
            except NotModifiedError:
                return b"", unless
            except FileNotFoundError as error:
                if _said(error)[0] not in MISSING:
                    raise
                return None

        return self._tried("get", key, ask)

    def create(self, key: str, data: bytes, *, media_type: str = "") -> str | None:
        """Store an object unless there is one of that key, and return its tag; None when there is one. That may be
        the one of an earlier try, whose answer was lost."""
        return self._put("create", key, data, "create", media_type)

    def replace(self, key: str, data: bytes, tag: str, *, media_type: str = "") -> str | None:
        """Replace an object if it still has that tag, and return the new one; None when it has not. It may have been
        replaced by an earlier try, whose answer was lost."""
        return self._put("replace", key, data, {"e_tag": tag}, media_type)

    def put(self, key: str, data: bytes, *, media_type: str = "") -> None:
        """Store an object, whatever is there."""
        self._put("put", key, data, "overwrite", media_type)

    def has(self, key: str) -> bool:
        """Whether there is an object of that key."""
        import obstore

        def ask() -> bool:
            try:
                obstore.head(self._store, self._path(key))
            except FileNotFoundError as error:
                if _said(error)[0] not in MISSING:
                    raise
                return False
            return True

        return self._tried("head", key, ask)

    def delete(self, key: str) -> None:
        """Remove an object, if there is one."""
        import obstore

        self._tried("delete", key, lambda: obstore.delete(self._store, self._path(key)))

    def delete_all(self, keys: Sequence[str]) -> None:
        """Remove these objects, if they are there, a thousand with a request."""
        import obstore

        if keys:
            named = [self._path(key) for key in keys]
            self._tried("delete", keys[0], lambda: obstore.delete(self._store, named))

    def list(self, prefix: str) -> tuple[str, ...]:
        """The keys that begin with `prefix/`, sorted."""
        return tuple(key for key, _ in self.sizes(prefix))

    def sizes(self, prefix: str) -> tuple[tuple[str, int], ...]:
        """The keys that begin with `prefix/`, sorted, each with the bytes of its object."""
        return tuple((key, int(entry["size"])) for key, entry in self._listed(prefix))

    def older(self, prefix: str, moment: datetime) -> tuple[str, ...]:
        """The keys that begin with `prefix/` of objects that were written before a moment, sorted."""
        return tuple(key for key, entry in self._listed(prefix) if entry["last_modified"] < moment)

    def later(self, call: Callable[[Unpack[Given]], T], *values: *Given) -> Future[T]:
        """What the call returns for these values, in a thread of its own. Such a call makes no other one."""
        return self._pool.submit(call, *values)

    def each(self, call: Callable[[A], T], values: Iterable[A]) -> Sequence[T]:
        """What the call returns for each value, several at a time; the first error is raised when all have ended."""
        wanted = list(values)
        if len(wanted) < 2:
            return [call(value) for value in wanted]
        running = [self._pool.submit(call, value) for value in wanted]
        errors = [future.exception() for future in running]
        for error in errors:
            if error is not None:
                raise error
        return [future.result() for future in running]

    def _listed(self, prefix: str) -> list[tuple[str, Any]]:
        import obstore

        def ask() -> list[tuple[str, Any]]:
            pages = obstore.list(self._store, self._path(prefix), chunk_size=1000)  # pyright: ignore[reportUnknownMemberType]
            found = ((str(entry["path"])[skipped:], entry) for page in pages for entry in page)
            return sorted(found, key=lambda each: each[0])

        skipped = len(self._path(""))
        return self._tried("list", prefix, ask)

    def _put(self, kind: str, key: str, data: bytes, mode: Any, media_type: str) -> str | None:
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        attributes = {"Content-Type": media_type} if media_type else None

        def send() -> str | None:
            try:
                stored = obstore.put(
                    self._store, self._path(key), data, mode=mode, attributes=attributes, use_multipart=False
                )
            except (AlreadyExistsError, PreconditionError):
                return None
            return _tag(stored)

        return self._tried(kind, key, send)

    def _path(self, key: str) -> str:
        prefix = self.address.prefix
        return f"{prefix}/{key}" if prefix else key

    def _tried(self, kind: str, key: str, ask: Callable[[], T]) -> T:
        from obstore.exceptions import BaseError

        until, pause, tries = time.monotonic() + self.retry_seconds, FIRST_PAUSE, 0
        while True:
            tries += 1
            with self._counting:
                self.requests[kind] += 1
            try:
                return ask()
            except (BaseError, OSError) as error:
                delay = random.uniform(0, pause)
                if not _may_pass(error) or time.monotonic() + delay >= until:
                    raise self._unavailable(kind, key, error, tries) from error
            time.sleep(delay)
            pause = min(2 * pause, MOST_PAUSE)

    def _unavailable(self, kind: str, key: str, error: Exception, tries: int) -> EigenError:
        code, message = _said(error)
        done = "read" if kind in {"get", "head", "list"} else "written"
        times = f", asked {tries} times" if tries > 1 else ""
        hint = HINTS.get(code, "`eigen doctor` asks it again").replace("`artifacts_url`", f"`{self.address.setting}`")
        text = f"`{key}` in {self.address} cannot be {done}{times}: {message}"
        return EigenError("EIGEN_STORE_UNAVAILABLE", text, hint=hint)


def _open(address: S3Address) -> Any:
    try:
        from obstore.exceptions import BaseError
        from obstore.store import S3Store
    except ImportError as error:
        hint = 'pip install "eigen-os[s3]"'
        raise EigenError("EIGEN_NOT_AVAILABLE", "files on S3 need a library", hint=hint) from error
    config: Any = {
        "bucket": address.bucket,
        "region": address.region,
        "virtual_hosted_style_request": address.virtual_hosted,
    }
    if address.endpoint:
        config["aws_endpoint_url_s3"] = address.endpoint
    if address.key_id:
        config |= {"access_key_id": address.key_id, "secret_access_key": address.secret}
    if address.token:
        config["session_token"] = address.token
    client: Any = {
        "allow_http": address.plain,
        "connect_timeout": timedelta(seconds=min(CONNECT_SECONDS, address.timeout_seconds)),
        "timeout": timedelta(seconds=address.timeout_seconds),
        "user_agent": "eigen-os",
    }
    if address.authority:
        client["root_certificate"] = address.authority
    try:
        return S3Store(config=config, client_options=client, retry_config={"max_retries": 0})
    except (BaseError, ValueError, TypeError) as error:
        message = f"`{address}` cannot be opened: {_said(error)[1]}"
        raise EigenError("EIGEN_CONFIG_INVALID", message, where=address.setting) from error


def _tag(described: Mapping[str, Any]) -> str:
    tag = described.get("e_tag")
    if not tag:
        raise EigenError("EIGEN_STORE_UNAVAILABLE", "the object store names no ETag, which safe writes need")
    return str(tag)


def _said(error: Exception) -> tuple[str, str]:
    """The code and the words of an answer that was an error; without one, what went wrong on the way."""
    text = str(error)
    code, message, status = (found.search(text) for found in (_CODE, _MESSAGE, _STATUS))
    if code is not None:
        words = f" ({message.group(1)})" if message is not None else ""
        return code.group(1), f"it says {code.group(1)}{words}"
    if status is not None:
        return "", f"it answers with status {status.group(1)}"
    lower = text.lower()
    for sign, words in (
        ("timedout", "it does not answer in time"),
        ("connectionrefused", "nothing answers there"),
        ("connection refused", "nothing answers there"),
        ("dns error", "the name of the endpoint is not known"),
        ("certificate", "its certificate is not trusted"),
        ("169.254.", "no credentials were found"),
    ):
        if sign in lower:
            return "", words
    return "", text.partition("\n\nDebug source")[0][:300]


def _may_pass(error: Exception) -> bool:
    """Whether the same request can succeed another time."""
    code, _ = _said(error)
    if code in LATER:
        return True
    found = _STATUS.search(str(error))
    if found is not None:
        status = int(found.group(1))
        return status >= 500 or status in {408, 429}
    return not isinstance(error, FileNotFoundError) and "certificate" not in str(error).lower()
