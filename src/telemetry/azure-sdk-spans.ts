import type { Instrumenter, InstrumenterSpanOptions, TracingSpan } from '@azure/core-tracing';
import {
  type AttributeValue,
  type Context,
  context,
  defaultTextMapSetter,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

type TracingContext = NonNullable<InstrumenterSpanOptions['tracingContext']>;

/**
 * Lets the Azure SDKs open a span for each of their calls, under the span of the invocation. The usual instrumentation
 * hooks into modules as they are loaded and cannot see those of a bundle, so the SDKs get their instrumenter directly.
 */
export const azureSdkSpans: Instrumenter = {
  startSpan(name, { packageName, packageVersion, tracingContext, spanKind, spanAttributes }) {
    const parent = contextOf(tracingContext);
    const span = trace.getTracer(packageName, packageVersion).startSpan(
      name,
      {
        kind: SpanKind[kindNames[spanKind ?? 'internal']],
        attributes: attributesOf(spanAttributes ?? {}),
      },
      parent,
    );
    return { span: spanFor(span), tracingContext: tracingContextOf(trace.setSpan(parent, span)) };
  },
  withContext: (tracingContext, callback, ...callbackArgs) =>
    context.with(contextOf(tracingContext), () => callback(...callbackArgs)),
  // Evenkeel links no spans by headers of its own.
  parseTraceparentHeader: () => undefined,
  createRequestHeaders(tracingContext) {
    const headers: Record<string, string> = {};
    propagation.inject(contextOf(tracingContext), headers, defaultTextMapSetter);
    return headers;
  },
};

const kindNames = {
  internal: 'INTERNAL',
  server: 'SERVER',
  client: 'CLIENT',
  producer: 'PRODUCER',
  consumer: 'CONSUMER',
} as const;

/** The SDKs carry the OpenTelemetry context in a context of their own, under this key. */
const key = Symbol('evenkeel.context');

function contextOf(tracingContext: TracingContext | undefined): Context {
  const found = tracingContext?.getValue(key);
  return isContext(found) ? found : context.active();
}

function isContext(value: unknown): value is Context {
  return typeof value === 'object' && value !== null && 'getValue' in value && 'deleteValue' in value;
}

function tracingContextOf(own: Context, values: ReadonlyMap<symbol, unknown> = new Map()): TracingContext {
  return {
    getValue: (name) => (name === key ? own : values.get(name)),
    setValue: (name, value) => tracingContextOf(own, new Map(values).set(name, value)),
    deleteValue: (name) => {
      const left = new Map(values);
      left.delete(name);
      return tracingContextOf(own, left);
    },
  };
}

const spanFor = (span: Span): TracingSpan => ({
  setStatus(status) {
    if (status.status === 'error') {
      span.setStatus({ code: SpanStatusCode.ERROR, message: textOf(status.error) });
    } else span.setStatus({ code: SpanStatusCode.OK });
  },
  setAttribute: (name, value) => void span.setAttributes(attributesOf({ [name]: value })),
  end: () => span.end(),
  recordException: (exception) => span.recordException(exception),
  isRecording: () => span.isRecording(),
});

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error ?? ''));

function attributesOf(values: Readonly<Record<string, unknown>>): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]): [string, AttributeValue][] =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[name, value]]
        : [],
    ),
  );
}
