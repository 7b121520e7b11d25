import { app, type InvocationContext } from '@azure/functions';
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Telemetry } from './open-telemetry.ts';

/**
 * One span an invocation, as a child of the host's own. The SDK is loaded beside the start of the app, and only the
 * first invocation waits for it.
 * @param start `undefined` when telemetry goes nowhere: then nothing is done.
 * @param onFailure hears why telemetry is not there; the app works without it.
 */
export function traceInvocations(
  start: (() => Promise<Telemetry>) | undefined,
  onFailure: (error: unknown) => void,
): void {
  if (start === undefined) return;
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
    await (await starting)?.shutdown();
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

/** Of an HTTP function's answer. */
function statusOf(result: unknown): number | undefined {
  if (typeof result !== 'object' || result === null || !('status' in result)) return undefined;
  return typeof result.status === 'number' ? result.status : undefined;
}
