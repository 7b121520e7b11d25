import { app, type InvocationContext } from '@azure/functions';
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Telemetry } from './open-telemetry.ts';

/**
 * Opens a span for each invocation, as a child of the host's own span. The SDK is loaded while the app starts, and only
 * the first invocation waits for it.
 * @param onFailure is called with the error when the start or the end of it fails; the app works without telemetry.
 */
export function traceInvocations(start: () => Promise<Telemetry>, onFailure: (error: unknown) => void): void {
  let starting: Promise<Telemetry | undefined> | undefined;
  const started = () => {
    starting ??= start().catch((error: unknown) => {
      onFailure(error);
      return undefined;
    });
    return starting;
  };
  app.hook.appStart(() => void started());
  app.hook.preInvocation(async (hook) => {
    await started();
    const { functionHandler } = hook;
    hook.functionHandler = (input, invocation) =>
      inSpan(invocation, () => functionHandler(input, invocation));
  });
  app.hook.appTerminate(async () => {
    await (await starting)?.shutdown().catch(onFailure);
  });
}

async function inSpan<T>(invocation: InvocationContext, work: () => T | Promise<T>): Promise<T> {
  const { functionName, invocationId, traceContext } = invocation;
  const carrier = {
    ...(traceContext?.traceParent ? { traceparent: traceContext.traceParent } : {}),
    ...(traceContext?.traceState ? { tracestate: traceContext.traceState } : {}),
  };
  const parent = propagation.extract(ROOT_CONTEXT, carrier);
  const span = trace.getTracer('evenkeel').startSpan(
    functionName,
    {
      kind: SpanKind.INTERNAL,
      attributes: { 'faas.name': functionName, 'faas.invocation_id': invocationId },
    },
    parent,
  );
  try {
    const result = await context.with(trace.setSpan(parent, span), work);
    const status = statusOf(result);
    if (status !== undefined) span.setAttribute('http.response.status_code', status);
    if (status !== undefined && status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    return result;
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    span.setStatus({ code: SpanStatusCode.ERROR, message: `${name}: ${message}` });
    throw error;
  } finally {
    span.end();
  }
}

/** The status of the answer of an HTTP function. */
function statusOf(result: unknown): number | undefined {
  if (typeof result !== 'object' || result === null || !('status' in result)) return undefined;
  return typeof result.status === 'number' ? result.status : undefined;
}
