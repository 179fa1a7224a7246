"""The messages between host and worker as plain objects.

The runtime library is handed this module in place of the generated protobuf classes: it creates what it answers from
here, and reads what it is sent by attribute. Names and fields are those of Microsoft's FunctionRpc.proto.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum
from typing import Any, ClassVar


class TypedData:
    """One value of one kind: string, bytes, json, http and so on; without a value, nothing."""

    __slots__ = ("kind", "value")

    def __init__(self, **one_of: Any) -> None:
        self.kind: str | None
        self.value: Any
        self.kind, self.value = next(iter(one_of.items()), (None, None))

    def WhichOneof(self, _group: str) -> str | None:  # noqa: N802 - protobuf's name
        return self.kind

    def __getattr__(self, name: str) -> Any:
        """Return the value, under the name of its kind."""
        if name != self.kind:
            raise AttributeError(name)
        return self.value


@dataclass(frozen=True, slots=True)
class ParameterBinding:
    """A value and the parameter that it is for."""

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
    """A value that may be left out altogether."""

    value: T


NullableString = Nullable[str]
NullableBool = Nullable[bool]
NullableDouble = Nullable[float]
NullableTimestamp = Nullable[Timestamp]


# The functional form, since one member's name is a Python keyword.
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
    """Kind and direction of a binding; the numbers are those of azure.functions, too."""

    inout: ClassVar[int] = 2
    out: ClassVar[int] = 1
    undefined: ClassVar[int] = 0

    type: str
    data_type: int
    direction: int


@dataclass(frozen=True, slots=True)
class RpcRetryOptions:
    """A retry policy. Kept only since the library creates it."""

    max_retry_count: int
    retry_strategy: str
    delay_interval: timedelta | None = None
    minimum_interval: timedelta | None = None
    maximum_interval: timedelta | None = None


@dataclass(frozen=True, slots=True)
class RpcFunctionMetadata:
    """An indexed function. `raw_bindings` holds a function.json binding object as text for each binding."""

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
    """The indexed functions; None where the app has no script file."""

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
    """What a function gave back."""

    invocation_id: str
    result: StatusResult
    return_value: TypedData | None = None
    output_data: list[ParameterBinding] = field(default_factory=list)
