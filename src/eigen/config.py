"""The settings: one frozen class, each key with its default, unit and help. Read once at start, never changed.

Later sources win: defaults, `config.toml` in the user's config directory, `EIGEN_*` variables, command-line flags.
Unknown keys are errors; secrets hide themselves. docs/reference/settings.md is generated from this class.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from dataclasses import Field

PREFIX = "EIGEN_"
CONFIG_VARIABLE = "EIGEN_CONFIG"
NOT_SETTINGS = {
    CONFIG_VARIABLE: "where config.toml lies",
    "EIGEN_FAILPOINT": "ends the process at a named place, for tests of crash recovery",
}
"""Variables that begin with `EIGEN_` and are no settings."""
LOG_LEVELS = ("debug", "info", "warning", "error", "off")
MAX_CONFIG_BYTES = 64 * 1024


def _setting(
    default: Any,
    summary: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    secret: bool = False,
) -> Any:
    rule = {"help": summary, "unit": unit, "low": low, "high": high, "choices": choices, "secret": secret}
    return field(default=default, metadata=rule)


def _limit(default: int, summary: str, *, unit: str = "") -> Any:
    """A counted limit of the language: it can be lowered, not raised."""
    return _setting(default, summary, unit=unit, low=1, high=default)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting. The annotation is the type that is read: text, whole number, number or boolean."""

    qfs_root: str = _setting("", "the data directory; empty: the user's data directory")
    database_url: str = _setting(
        "",
        "the job database, `postgresql://user@host/name`, shared by any number of servers; empty: the file `eigen.db` "
        "in the data directory",
        secret=True,
    )
    artifacts_url: str = _setting(
        "",
        "where the files of jobs are kept, `s3://bucket/prefix`, shared by any number of servers; empty: in the data "
        "directory",
    )
    s3_endpoint: str = _setting(
        "", "the S3 endpoint, `https://host:port`; empty: `AWS_ENDPOINT_URL_S3`, else that of the region on AWS"
    )
    s3_region: str = _setting("", "the region of the bucket; empty: `AWS_REGION`, else `us-east-1`")
    s3_access_key_id: str = _setting(
        "", "the key id for S3; empty: what the variables and profiles of AWS say, or the instance's role"
    )
    s3_secret_access_key: str = _setting("", "the secret of `s3_access_key_id`", secret=True)
    s3_session_token: str = _setting("", "the session token of temporary credentials", secret=True)
    s3_addressing: str = _setting(
        "path",
        "where requests name the bucket: in the `path`, or in the host name (`virtual`)",
        choices=("path", "virtual"),
    )
    s3_plain_http: str = _setting(
        "loopback",
        "endpoints that may be asked without TLS: on `loopback`, or any (`allowed`)",
        choices=("loopback", "allowed"),
    )
    s3_ca: str = _setting("", "PEM file of the authority that signed the endpoint's certificate; empty: the system's")
    s3_timeout_seconds: float = _setting(
        30.0, "how long one request to S3 may take; a file travels in one", unit="s", low=1, high=3600
    )
    default_target: str = _setting("sim:auto", "where a job runs when neither it nor its program says so")
    default_shots: int = _setting(
        1024, "shots of a sampled circuit when neither the job nor its program says so", low=1, high=10_000_000
    )
    default_delivery: str = _setting(
        "at_most_once",
        "what becomes of work of which nobody knows whether a device that charges got it, when the job does not say: "
        "`at_most_once` a person decides, `at_least_once` it is done again, and the result says so",
        choices=("at_most_once", "at_least_once"),
    )
    share_devices: str = _setting(
        "tenant",
        "whose jobs run at the same time on a device that has regions: `off` each job has the whole device, `tenant` "
        "jobs of one tenant share it, `all` those of all tenants",
        choices=("off", "tenant", "all"),
    )
    max_fidelity_loss: float = _setting(
        0.05,
        "the part of its predicted success that a job may lose because others have the best qubits of a shared device, "
        "when the job does not say; it waits rather than lose more",
        low=0,
        high=1,
    )
    log_level: str = _setting(
        "off",
        "the least grave log line that is written to stderr; `eigen serve` takes `off` as `info`",
        choices=LOG_LEVELS,
    )
    lease_seconds: float = _setting(
        30.0, "how long a worker holds a job without a sign of life", unit="s", low=1, high=3600
    )
    threads: int = _setting(0, "threads of a simulator in this process; 0: one per core", low=0, high=1024)
    driver_hosts: int = _setting(1, "processes that each driver in processes of its own may have", low=1, high=64)
    driver_memory_bytes: int = _setting(0, "bytes that each of them may hold; 0: what there is", low=0, high=1 << 50)
    driver_cpus: int = _setting(
        0, "processors that each of them may use, by affinity (Linux); 0: all that this process may", low=0, high=4096
    )
    driver_warm: str = _setting(
        "", "drivers whose processes a server starts with itself, by name, for example `cirq,qiskit`; empty: none"
    )
    driver_settings: str = _setting(
        "",
        "settings of drivers in processes of their own, `DRIVER.SETTING=VALUE` apart by commas, for example "
        "`jax.cpu_devices=4,jax.platform=cpu`; a value that is no JSON is a text",
        secret=True,
    )
    auto_engines: str = _setting(
        "measured",
        "which engines the target `auto` may choose: `native` ours alone, `measured` also simulators of other makers "
        "that `eigen backends calibrate` measured on this host, where clearly faster or where ours cannot do the work",
        choices=("measured", "native"),
    )
    environments_root: str = _setting(
        "", "where `eigen backends install` puts engines; empty: `environments` in the user's data directory"
    )
    isa: str = _setting(
        "auto",
        "the best instruction set that the state-vector engine may use; `auto`: the processor's",
        choices=("auto", "avx512", "avx2", "portable"),
    )
    knowledge_bytes: int = _setting(
        0,
        "room for compiled circuits that are found again in the data directory; 0: none are kept",
        unit="bytes",
        low=0,
        high=1 << 40,
    )
    result_cache_bytes: int = _setting(
        64 << 20,
        "room in the job database for results of simulators that answer the same question of the same tenant again; "
        "0: all work is done each time",
        unit="bytes",
        low=0,
        high=1 << 40,
    )
    compiled_cache_bytes: int = _setting(
        64 << 20,
        "room in the memory of a process for compiled programs and circuits that are asked for again; 0: each is "
        "compiled",
        unit="bytes",
        low=0,
        high=1 << 40,
    )
    snapshot_seconds: float = _setting(
        30.0,
        "how often the state of a long simulation is kept, about, so that it goes on from there after a crash; "
        "seldomer where that took more than a tenth of the time; 0: never",
        unit="s",
        low=0,
        high=86_400,
    )
    snapshot_bytes: int = _setting(
        32 << 30,
        "room for the snapshots of one job at a time; a larger one is not taken",
        unit="bytes",
        low=0,
        high=1 << 50,
    )
    endpoint: str = _setting("", "the server that commands and `connect` talk to; empty: the kernel in this process")
    token: str = _setting("", "the API key or OIDC token sent to the endpoint", secret=True)
    tls_ca: str = _setting("", "PEM file of the authority that signed the endpoint's certificate; empty: the system's")
    grpc_address: str = _setting("127.0.0.1:50051", "where `eigen serve` answers gRPC")
    http_address: str = _setting("127.0.0.1:8080", "where `eigen serve` answers REST, GraphQL and /metrics")
    kernel_address: str = _setting("127.0.0.1:50052", "where the role `kernel` answers, and the role `api` asks")
    drivers_address: str = _setting("127.0.0.1:50061", "where the role `drivers` answers, and the kernel asks")
    compiler_address: str = _setting("127.0.0.1:50071", "where the role `compiler` answers, and the kernel asks")
    metrics_port: int = _setting(
        0,
        "loopback port of a role's /metrics; 0: 9464 api, 9465 kernel, 9466 drivers, 9467 compiler",
        low=0,
        high=65535,
    )
    tls_cert: str = _setting("", "PEM file of the certificate of the public ports; empty: no TLS")
    tls_key: str = _setting("", "PEM file of the key of `tls_cert`")
    internal_ca: str = _setting("", "PEM file of the authority of the roles' certificates: mutual TLS between roles")
    internal_cert: str = _setting("", "PEM file of this role's certificate")
    internal_key: str = _setting("", "PEM file of the key of `internal_cert`")
    auth: str = _setting(
        "auto",
        "who may ask: `off` nobody is asked (loopback only), `required` a token is needed; "
        "`auto` is `required` once there is an API key or an issuer",
        choices=("auto", "off", "required"),
    )
    oidc_issuer: str = _setting("", "the issuer of accepted tokens (OpenID Connect discovery); empty: API keys only")
    oidc_audience: str = _setting("", "the audience that a token must name; needed with `oidc_issuer`")
    oidc_tenant_claim: str = _setting("tid", "the claim that names a token's tenant")
    oidc_roles_claim: str = _setting("roles", "the claim that lists a token's roles")
    oidc_role_map: str = _setting(
        "", "roles of the issuer as ours, for example `Quantum.Admin=admin,Quantum.User=user`"
    )
    workers: int = _setting(2, "jobs that `eigen serve` works on at the same time", low=1, high=256)
    tenant_weights: str = _setting(
        "",
        "shares of the queue by tenant, and of a tenant's own by project, for example `acme=3,lab=0.5,acme/demo=2`; 1 "
        "for who is not named",
    )
    tenant_quotas: str = _setting(
        "",
        "what a tenant, a project or each tenant (`*`) may have under way (`queued` and `running` jobs, `bytes` of "
        "inputs, `shots`, `cost`), keep (`storage`) and submit in an hour, day or month of UTC (`jobs`, `bytes`, "
        "`shots`, `cost`): for example `acme.queued=1000,acme/lab.running=2,*.shots/day=1000000,acme.cost/month=99.50`",
    )
    executor: str = _setting(
        "off",
        "where simulations of one job run side by side: `off` one after the other in the server, `processes` in "
        "processes of this host, `dask` on the workers of a Dask scheduler, `kubernetes` in pods of a cluster",
        choices=("off", "processes", "dask", "kubernetes"),
    )
    executor_workers: int = _setting(
        0,
        "processes of the executor `processes`, or tasks under way elsewhere; 0: one per core, 16 pods",
        low=0,
        high=4096,
    )
    executor_memory_bytes: int = _setting(
        0, "memory of one task; 0: of a process an equal share, elsewhere no limit", unit="bytes", low=0, high=1 << 50
    )
    executor_resources: str = _setting("", "what each task asks of its worker, by tag, for example `GPU=1`")
    executor_batch_shots: int = _setting(
        0,
        "shots of noisy circuits and of those that measure on the way that are one task; more are parts of one run, or "
        "runs with seeds of their own where the engine does none; 0: never",
        low=0,
        high=10_000_000,
    )
    executor_spool: str = _setting(
        "",
        "where tasks lie, the same for every host of an executor: a folder, or `s3://bucket/prefix` by the settings "
        "`s3_…` of each host; empty: `spool` in the data directory",
    )
    dask_scheduler: str = _setting("", "the scheduler of the executor `dask`, `tls://host:8786`; `tcp://` on loopback")
    dask_ca: str = _setting("", "PEM file of the authority that signed the certificates of a Dask cluster")
    dask_cert: str = _setting("", "PEM file of this process's certificate in a Dask cluster")
    dask_key: str = _setting("", "PEM file of the key of `dask_cert`")
    kubernetes_config: str = _setting(
        "", "kubeconfig file of the executor `kubernetes`; empty: the cluster of this pod, else `KUBECONFIG`"
    )
    kubernetes_context: str = _setting("", "a context of the kubeconfig file; empty: its current one")
    kubernetes_namespace: str = _setting("eigen", "the namespace in which tasks run as Jobs")
    kubernetes_image: str = _setting("", "the image of the pods, with the same version of Eigen OS as the kernel")
    kubernetes_spool_claim: str = _setting(
        "", "the PersistentVolumeClaim that holds the folder `executor_spool`, mounted by many pods at a time"
    )
    kubernetes_spool_secret: str = _setting(
        "",
        "the Secret with `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` for pods, where the spool is in a bucket",
    )
    kubernetes_cpu: float = _setting(1.0, "processors of a pod, asked for and its limit", low=0.1, high=1024)
    kubernetes_user: int = _setting(10001, "the user of the pods; the kernel's, whose files they read", low=1)
    kubernetes_pod_seconds: float = _setting(
        5.0,
        "what a pod takes beside its work, about; work goes that is expected to take more than four times that",
        unit="s",
        low=0,
        high=3600,
    )
    kubernetes_pending_seconds: float = _setting(
        300.0,
        "how long a pod may be without a place in the cluster, while no pod of ours runs, before its job fails",
        unit="s",
        low=0,
        high=86_400,
    )
    max_queued_jobs: int = _setting(
        0, "jobs of all tenants that wait at a time; one more is refused with a time to come again; 0: no bound", low=0
    )
    preempt_after_seconds: float = _setting(
        10.0,
        "how long a simulation of a server runs before it may give way to a more urgent job; 0: none ever does",
        unit="s",
        low=0,
        high=86_400,
    )
    heartbeat_seconds: float = _setting(15.0, "the longest silence of an event stream", unit="s", low=0.1, high=15)
    drain_seconds: float = _setting(20.0, "how long a stopping server lets requests finish", unit="s", low=0, high=600)
    streams_per_tenant: int = _setting(100, "event streams that one tenant holds open", low=1, high=100_000)
    sessions_per_tenant: int = _setting(100, "sessions that one tenant holds open", low=1, high=10_000)
    session_idle_seconds: float = _setting(
        600.0, "how long a session stays open without an evaluation", unit="s", low=1, high=86_400
    )
    graphql_depth: int = _setting(8, "how deep a GraphQL query nests", low=1, high=32)
    graphql_cost: int = _setting(
        5_000, "what a GraphQL query may cost: one for each field, times the page sizes", low=1
    )
    otlp_endpoint: str = _setting("", "where spans are sent by OTLP over gRPC, `http://host:4317`; empty: nowhere")
    events_sink: str = _setting(
        "", "where `eigen serve` writes events as lines of JSON: `file:PATH` or `stdout`; empty: nowhere"
    )
    kafka_brokers: str = _setting(
        "", "Kafka brokers that `eigen serve` tells events, `host:9092,host:9092`; empty: none"
    )
    kafka_topic_prefix: str = _setting("eigen", "what the names of the topics begin with: `eigen.jobs` and so on")
    kafka_partitions: int = _setting(6, "partitions of a topic that is made because it is missing", low=1, high=10_000)
    kafka_message_bytes: int = _setting(
        900_000,
        "the largest message; a larger event refers to its data. Not more than the brokers take",
        unit="bytes",
        low=16_384,
        high=16 * 1024 * 1024,
    )
    kafka_security: str = _setting(
        "plaintext",
        "how the brokers are talked to",
        choices=("plaintext", "ssl", "sasl_plaintext", "sasl_ssl"),
    )
    kafka_sasl_mechanism: str = _setting(
        "SCRAM-SHA-512", "how a user is proven with SASL", choices=("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
    )
    kafka_username: str = _setting("", "the user of Kafka, with SASL")
    kafka_password: str = _setting("", "the password of `kafka_username`", secret=True)
    kafka_ca: str = _setting("", "PEM file of the authority of the brokers' certificates; empty: the system's")
    kafka_cert: str = _setting("", "PEM file of this client's certificate, for mutual TLS")
    kafka_key: str = _setting("", "PEM file of the key of `kafka_cert`")
    kafka_key_password: str = _setting("", "the password of `kafka_key`", secret=True)
    limit_source_bytes: int = _limit(256 * 1024, "the longest program text", unit="bytes")
    limit_nesting_depth: int = _limit(100, "how deep brackets, blocks and expressions of a program nest")
    limit_syntax_nodes: int = _limit(100_000, "nodes of a program's syntax tree")
    limit_steps: int = _limit(10_000_000, "steps of evaluating a program when it is compiled")
    limit_operations: int = _limit(2_000_000, "circuit operations that one program writes")
    limit_call_depth: int = _limit(64, "how deep the calls of a program nest")

    @property
    def data_dir(self) -> Path:
        """The data directory, an absolute path."""
        return Path(self.qfs_root).expanduser().absolute() if self.qfs_root else user_data_dir()

    @property
    def environments_dir(self) -> Path:
        """The folder of the environments of engines, an absolute path."""
        if self.environments_root:
            return Path(self.environments_root).expanduser().absolute()
        return user_data_dir() / "environments"

    @property
    def spool_dir(self) -> Path:
        """The folder of tasks, an absolute path."""
        return Path(self.executor_spool).expanduser().absolute() if self.executor_spool else self.data_dir / "spool"


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """One setting as it stands: its value, where that came from, and what it means."""

    name: str
    value: Any
    default: Any
    source: str
    type_name: str
    help: str
    unit: str
    choices: tuple[str, ...]
    secret: bool

    @property
    def variable(self) -> str:
        """The environment variable of the setting."""
        return PREFIX + self.name.upper()

    @property
    def shown(self) -> Any:
        """The value, or `(hidden)` for a secret that is set."""
        return "(hidden)" if self.secret and self.value else self.value


def load_settings(
    flags: Mapping[str, Any] | None = None, *, environ: Mapping[str, str] | None = None
) -> tuple[Settings, dict[str, str]]:
    """The settings and the source of each that is not a default; raises EIGEN_CONFIG_INVALID.

    `flags` are values from the command line by setting name; None means not given.
    """
    environ = os.environ if environ is None else environ
    rules = {entry.name: entry for entry in fields(Settings)}
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name, value, source in _given(environ, flags or {}):
        if name not in rules:
            hint = suggest(name, list(rules)) or "`eigen config` lists every key"
            raise EigenError("EIGEN_CONFIG_INVALID", f"unknown setting `{name}`", hint=hint, where=source)
        values[name] = _convert(value, rules[name], source)
        sources[name] = source
    _check_root(str(values.get("qfs_root", "")), sources.get("qfs_root", ""))
    return Settings(**values), sources


def describe(settings: Settings, sources: Mapping[str, str] | None = None) -> list[SettingInfo]:
    """Every setting with its value, source and help, in the order of the class."""
    return [
        SettingInfo(
            name=entry.name,
            value=getattr(settings, entry.name),
            default=entry.default,
            source=(sources or {}).get(entry.name, "default"),
            type_name=str(entry.type),
            help=entry.metadata["help"],
            unit=entry.metadata["unit"],
            choices=entry.metadata["choices"],
            secret=entry.metadata["secret"],
        )
        for entry in fields(Settings)
    ]


def setting_fields() -> tuple[Field[Any], ...]:
    """The fields of `Settings`; `metadata` holds help, unit, low, high, choices and secret."""
    return fields(Settings)


def config_file(environ: Mapping[str, str] | None = None) -> Path:
    """Where config.toml is looked for: `EIGEN_CONFIG`, else the user's config directory."""
    environ = os.environ if environ is None else environ
    named = environ.get(CONFIG_VARIABLE)
    return Path(named) if named else _user_dir("config", environ) / "config.toml"


def user_data_dir(environ: Mapping[str, str] | None = None) -> Path:
    """The data directory when none is set."""
    return _user_dir("data", os.environ if environ is None else environ)


def _user_dir(kind: str, environ: Mapping[str, str]) -> Path:
    """The XDG directory on Linux; elsewhere what platformdirs says (imported only there: it is slow to load)."""
    if not sys.platform.startswith("linux"):
        import platformdirs

        return Path(platformdirs.user_config_dir("eigen") if kind == "config" else platformdirs.user_data_dir("eigen"))
    base = environ.get("XDG_CONFIG_HOME" if kind == "config" else "XDG_DATA_HOME", "")
    if os.path.isabs(base):
        return Path(base) / "eigen"
    home = Path(environ.get("HOME") or os.path.expanduser("~"))
    return home / (".config" if kind == "config" else ".local/share") / "eigen"


def _given(environ: Mapping[str, str], flags: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    """(name, value, source) of everything given, weakest source first."""
    path = config_file(environ)
    for name, value in _toml(path, required=CONFIG_VARIABLE in environ).items():
        yield name, value, str(path)
    for variable, text in sorted(environ.items()):
        if variable.startswith(PREFIX) and variable not in NOT_SETTINGS:
            yield variable.removeprefix(PREFIX).lower(), text, variable
    for name, value in flags.items():
        if value is not None:
            yield name, value, f"--{name.replace('_', '-')}"


def _toml(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_CONFIG_BYTES + 1)
    except FileNotFoundError as error:
        if not required:
            return {}
        raise EigenError("EIGEN_CONFIG_INVALID", f"there is no file `{path}`", where=CONFIG_VARIABLE) from error
    except OSError as error:
        raise EigenError("EIGEN_CONFIG_INVALID", f"`{path}`: {error.strerror}", where=str(path)) from error
    if len(data) > MAX_CONFIG_BYTES:
        raise EigenError("EIGEN_CONFIG_INVALID", f"`{path}` is larger than {MAX_CONFIG_BYTES:,} bytes", where=str(path))
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise EigenError("EIGEN_CONFIG_INVALID", f"not valid TOML: {error}", where=str(path)) from error


def _convert(value: Any, entry: Any, source: str) -> Any:
    """A value in the setting's type; text from the environment is read as that type."""
    rule, kind = entry.metadata, str(entry.type)
    try:
        converted = _READERS[kind](value)
    except (TypeError, ValueError) as error:
        shown = "(hidden)" if rule["secret"] else str(value)[:60]
        message = f"`{entry.name}` must be {_WORDS[kind]}, not `{shown}`"
        raise EigenError("EIGEN_CONFIG_INVALID", message, where=source) from error
    if rule["choices"] and converted not in rule["choices"]:
        hint = suggest(str(converted), rule["choices"])
        message = f"`{entry.name}` must be one of {', '.join(rule['choices'])}, not `{str(converted)[:60]}`"
        raise EigenError("EIGEN_CONFIG_INVALID", message, where=source, hint=hint)
    low, high = rule["low"], rule["high"]
    if (low is not None and not converted >= low) or (high is not None and not converted <= high):
        bounds = f"be at least {low:g}" if high is None else f"lie between {low:g} and {high:g}"
        message = f"`{entry.name}` must {bounds}, not `{converted}`"
        raise EigenError("EIGEN_CONFIG_INVALID", message, where=source)
    return converted


def _check_root(root: str, source: str) -> None:
    """A data directory is a path: an address of an object store must not become a directory of that name."""
    scheme, mark, _ = root.partition("://")
    if not mark:
        return
    message = f"the data directory is a local one, not `{scheme[:20]}://`: database, keys and sockets lie there"
    hint = "name a local directory"
    if scheme == "s3":
        hint = "set `artifacts_url` to this address: the files of jobs are kept there"
    raise EigenError("EIGEN_CONFIG_INVALID", message, where=source, hint=hint)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str) or len(str(value)) > 20:
        raise TypeError
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


_READERS = {"str": _text, "int": _integer, "float": _number}
_WORDS = {"str": "text", "int": "a whole number", "float": "a number"}
