"""The messages between host and worker, as plain objects.

The runtime library gets this module instead of the generated protobuf classes. It creates its answers from these
classes, and reads requests by attribute. Names and fields are those of Microsoft's FunctionRpc.proto.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum
from typing import Any, ClassVar


class TypedData:
    """One value and its kind (string, bytes, json, http, …), or neither."""

    __slots__ = ("kind", "value")

    def __init__(self, **one_of: Any) -> None:
        self.kind: str | None
        self.value: Any
        self.kind, self.value = next(iter(one_of.items()), (None, None))

    def WhichOneof(self, _group: str) -> str | None:  # noqa: N802 - protobuf's name
        return self.kind

    def __getattr__(self, name: str) -> Any:
        """The value, by the name of its kind."""
        if name != self.kind:
            raise AttributeError(name)
        return self.value


@dataclass(frozen=True, slots=True)
class ParameterBinding:
    """A value and the name of its parameter."""

    name: str
    data: TypedData | None

    def WhichOneof(self, _group: str) -> str:  # noqa: N802 - protobuf's name
        return "data"


@dataclass(frozen=True, slots=True)
class Timestamp:
    """Seconds since 1970."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Nullable[T]:
    """A value that may be absent."""

    value: T


NullableString = Nullable[str]
NullableBool = Nullable[bool]
NullableDouble = Nullable[float]
NullableTimestamp = Nullable[Timestamp]


# The functional form, because one member's name is a Python keyword.
_SameSite = IntEnum("_SameSite", [("None", 0), ("Lax", 1), ("Strict", 2), ("ExplicitNone", 3)])


@dataclass(frozen=True, slots=True)
class RpcHttpCookie:
    """One Set-Cookie header."""

    SameSite: ClassVar[type[IntEnum]] = _SameSite

    name: str
    value: str
    domain: Nullable[str] | None
    path: Nullable[str] | None
    expires: Nullable[Timestamp] | None
    secure: Nullable[bool] | None
    http_only: Nullable[bool] | None
    same_site: IntEnum
    max_age: Nullable[float] | None


@dataclass(frozen=True, slots=True)
class RpcHttp:
    """A request (method, url, params, query) or a response (status_code, cookies)."""

    method: str = ""
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: TypedData | None = None
    status_code: str = "200"
    cookies: list[RpcHttpCookie] | None = None
    enable_content_negotiation: bool = False


@dataclass(frozen=True, slots=True)
class RpcException:
    """What was raised, as text."""

    message: str
    stack_trace: str


@dataclass(frozen=True, slots=True)
class StatusResult:
    """Whether a request to the worker succeeded."""

    Failure: ClassVar[int] = 0
    Success: ClassVar[int] = 1

    status: int
    exception: RpcException | None = None


@dataclass(frozen=True, slots=True)
class BindingInfo:
    """Kind and direction of a binding, with the numbers that azure.functions uses too."""

    inout: ClassVar[int] = 2
    out: ClassVar[int] = 1
    undefined: ClassVar[int] = 0

    type: str
    data_type: int
    direction: int


@dataclass(frozen=True, slots=True)
class RpcRetryOptions:
    """A retry policy. It is here only because the library creates it."""

    max_retry_count: int
    retry_strategy: str
    delay_interval: timedelta | None = None
    minimum_interval: timedelta | None = None
    maximum_interval: timedelta | None = None


@dataclass(frozen=True, slots=True)
class RpcFunctionMetadata:
    """An indexed function. `raw_bindings` holds each binding as a JSON object of function.json."""

    name: str
    function_id: str
    directory: str
    script_file: str
    entry_point: str
    language: str
    managed_dependency_enabled: bool
    is_proxy: bool
    bindings: dict[str, BindingInfo]
    raw_bindings: list[str]
    retry_options: RpcRetryOptions | None
    properties: dict[str, str]


@dataclass(frozen=True, slots=True)
class WorkerMetadata:
    """Versions of the worker."""

    runtime_name: str
    runtime_version: str
    worker_version: str
    worker_bitness: str
    custom_properties: dict[str, str]


@dataclass(frozen=True, slots=True)
class WorkerInitResponse:
    """Answer to the request that indexes the app."""

    capabilities: dict[str, str]
    worker_metadata: WorkerMetadata
    result: StatusResult


@dataclass(frozen=True, slots=True)
class FunctionMetadataResponse:
    """The indexed functions, or None if the app has no script file."""

    use_default_metadata_indexing: bool
    function_metadata_results: list[RpcFunctionMetadata] | None
    result: StatusResult


@dataclass(frozen=True, slots=True)
class FunctionLoadResponse:
    """Answer to the request that loads one function."""

    function_id: str
    result: StatusResult


@dataclass(frozen=True, slots=True)
class InvocationResponse:
    """The outputs and the return value of a function."""

    invocation_id: str
    result: StatusResult
    return_value: TypedData | None = None
    output_data: list[ParameterBinding] = field(default_factory=list)
