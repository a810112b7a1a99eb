import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TracingSection } from '../config/gateway-section.ts';
import { VERSION } from '../version.ts';
import type { Tracing } from './tracing.ts';

/**
 * Opens tracing: batches of spans to an OTLP/HTTP collector, W3C trace context in and out. Nothing global is touched,
 * so an application around the gateway keeps its own tracing.
 */
export function openTracing(tracing: TracingSection, exporter?: SpanExporter): Tracing {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': tracing.serviceName, 'service.version': VERSION }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(tracing.sampleRatio) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter:
          exporter ??
          new OTLPTraceExporter({
            ...(tracing.endpoint === undefined ? {} : { url: tracing.endpoint }),
            headers: { ...tracing.headers },
          }),
      }),
    ],
  });
  const tracer = provider.getTracer('lockgate', VERSION);
  const propagator = new W3CTraceContextPropagator();

  return {
    start(name, attributes, client) {
      const parent = client ? propagator.extract(ROOT_CONTEXT, client, defaultTextMapGetter) : ROOT_CONTEXT;
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
      const carrier: Record<string, string> = {};
      propagator.inject(trace.setSpan(parent, span), carrier, defaultTextMapSetter);
      const { traceparent, tracestate } = carrier;
      return {
        context: traceparent === undefined ? undefined : { traceparent, ...(tracestate && { tracestate }) },
        rename: (other) => void span.updateName(other),
        end(more, failure) {
          span.setAttributes(more);
          if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
          span.end();
        },
      };
    },
    close: () => provider.shutdown(),
  };
}
