"""Traces for OpenTelemetry: where the time of a prediction goes, as part of the caller's trace.

Imported only where an outlet asks for traces. A prediction is one span of kind server with four
inside: reading its body, waiting for a run, the run of the graph, writing the reply.

Source: W3C Trace Context (2021); OpenTelemetry semantic conventions for HTTP spans, 1.23.
"""

from __future__ import annotations

import time
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from lingqu import __version__
from lingqu.outlets.call import Call
from lingqu.outlets.served import Answer

SEND_S = 2
"""Seconds that the collector gets for one lot of spans."""
_CONTEXT = TraceContextTextMapPropagator()


class Traces:
    """Makes spans of predictions; called after each by the event loop, sent by a thread.

    Args:
        address: An OTLP collector, such as ``http://127.0.0.1:4318``.
        share: Part of the requests that are traced, where the caller's trace does not say.
        processor: Takes the spans instead of a collector.
    """

    def __init__(
        self, address: str = "", share: float = 1.0, processor: SpanProcessor | None = None
    ) -> None:
        about = {"service.name": "lingqu", "service.version": __version__}
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(share)),
            resource=Resource(about),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(processor or _sender(address))
        self._tracer = self._provider.get_tracer("lingqu", __version__)

    def after(self, call: Call, answer: Answer | None) -> None:
        """Make the spans of a prediction that has ended."""
        ended = time.perf_counter()
        # Spans carry times of day; the stages were timed by a clock that never goes back.
        now = time.time_ns()

        def moment(at: float) -> int:
            return now - int((ended - at) * 1e9)

        sent = call.request.headers.get(b"traceparent", b"").decode("latin-1")
        whole = self._tracer.start_span(
            f"predict {call.room.channel}",
            context=_CONTEXT.extract({"traceparent": sent}),
            kind=SpanKind.SERVER,
            start_time=moment(call.begun),
            attributes=_facts(call),
        )
        if whole.is_recording():
            inside = set_span_in_context(whole)
            for name, begun, until in _stages(call, answer, ended):
                stage = self._tracer.start_span(name, context=inside, start_time=moment(begun))
                stage.end(moment(until))
            if call.entry.status >= 500:
                whole.set_status(Status(StatusCode.ERROR))
        whole.end(now)

    def close(self) -> None:
        """Send what waits, and stop."""
        self._provider.force_flush(SEND_S * 1000)
        self._provider.shutdown()


def _sender(address: str) -> SpanProcessor:
    url = f"{address.rstrip('/')}/v1/traces"
    return BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=SEND_S))


def _facts(call: Call) -> dict[str, Any]:
    entry, request = call.entry, call.request
    return {
        "http.request.method": request.method,
        "url.path": request.path[:200],
        "http.response.status_code": entry.status,
        "lingqu.channel": call.room.channel,
        "lingqu.release": call.served.label,
        "lingqu.arm": entry.arm,
        "lingqu.key": entry.key,
        "lingqu.rows": entry.rows,
    }


def _stages(call: Call, answer: Answer | None, ended: float) -> list[tuple[str, float, float]]:
    """Return name, begin and end of each stage that a prediction came to."""
    if not call.queued:
        return [("read", call.begun, ended)]
    read = ("read", call.begun, call.queued)
    begun, until = call.served.batcher.ran
    if answer is None or begun < call.queued:
        return [read, ("queue", call.queued, ended)]
    return [
        read,
        ("queue", call.queued, begun),
        ("run", begun, until),
        ("write", until, ended),
    ]
