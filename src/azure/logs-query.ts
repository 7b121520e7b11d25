import type { TokenCredential } from '@azure/core-auth';
import { LogsQueryClient, LogsQueryResultStatus } from '@azure/monitor-query-logs';
import * as v from 'valibot';
import { unlessAborted } from '../lib/async.ts';
import type { Deadline } from '../lib/deadline.ts';
import { MissingPermissionError, RefusedCallError, UnexpectedAnswerError } from '../lib/errors.ts';
import { adaptPipeline, appUserAgent, credentialOf, limitRequests } from './arm/client.ts';
import { refusalOf, toCallError } from './arm/errors.ts';

interface Workspace {
  /** Without a final slash. */
  readonly endpoint: string;
  readonly audience: string;
  /** The customer id, a GUID. */
  readonly id: string;
  /** `undefined` on loopback http. */
  readonly credential: TokenCredential | undefined;
}

/** A query that takes longer has to ask for less. */
const requestTimeoutMs = 60_000;

const text = v.nullish(v.string(), null);
const time = v.union([
  v.pipe(
    v.date(),
    v.transform((date) => date.toISOString()),
  ),
  v.string(),
]);

/** A row of the table of drift observations (docs/drift-table.md), by its columns. */
const rowSchema = v.object({
  TimeGenerated: time,
  Finding: v.string(),
  ContainerGroup: v.string(),
  HostName: v.string(),
  Zone: v.string(),
  LiveAddress: text,
  RecordAddress: text,
  EventId: text,
  LagMs: v.nullish(v.number(), null),
});

export type Observation = v.InferOutput<typeof rowSchema>;

/**
 * Reads drift observations from a Log Analytics workspace.
 * https://learn.microsoft.com/azure/azure-monitor/logs/api/request-format
 *
 * @param query in Kusto; its result has the columns of the table.
 * @throws the errors of `lib/errors.ts`. A result that the service cut short is an error, too.
 */
export async function queryObservations(
  { endpoint, audience, id, credential }: Workspace,
  { query, start, end }: { readonly query: string; readonly start: Date; readonly end: Date },
  deadline: Deadline,
): Promise<readonly Observation[]> {
  const client = new LogsQueryClient(credentialOf({ credential }), {
    endpoint: `${endpoint}/v1`,
    allowInsecureConnection: credential === undefined,
    // The SDK has an option for the audience and does not use it.
    credentials: { scopes: [`${audience}/.default`] },
    retryOptions: { maxRetries: 1 },
    ...appUserAgent,
  });
  adaptPipeline(client, { credential });
  // Neither does it pass a signal on.
  client.pipeline.addPolicy(limitRequests(requestTimeoutMs), { afterPhase: 'Sign' });
  const scope = `the workspace ${id}`;
  const asked = client.queryWorkspace(id, query, { startTime: start, endTime: end });
  const result = await unlessAborted(deadline.signal, asked).catch((error: unknown) => {
    throw queryError(error, scope);
  });
  if (result.status !== LogsQueryResultStatus.Success) {
    throw new RefusedCallError('query logs', scope, 'the result was cut short: ask for less time');
  }
  const [table] = result.tables;
  const names = table?.columnDescriptors.map(({ name }) => name) ?? [];
  const rows = table?.rows.map((cells) => Object.fromEntries(names.map((name, at) => [name, cells[at]])));
  const parsed = v.safeParse(v.array(rowSchema), rows);
  if (parsed.success) return parsed.output;
  const fault = v.flatten(parsed.issues).root?.[0] ?? 'a row has other columns';
  throw new UnexpectedAnswerError(`a query of ${scope}`, 'a table of observations', fault);
}

function queryError(error: unknown, scope: string): Error {
  const refusal = refusalOf(error);
  const detail = `${refusal?.status} ${refusal?.code ?? 'without a code'}`;
  if (refusal?.status === 403) {
    const advice = 'assign the role Log Analytics Reader on the workspace';
    return new MissingPermissionError('query logs', scope, advice, detail, { cause: error });
  }
  if (refusal?.status === 404) {
    return new RefusedCallError('query logs', scope, 'there is no such workspace: give its customer id', {
      cause: error,
    });
  }
  if (refusal?.status === 400) {
    const advice =
      'the workspace has no such table, or it has other columns: check --table, and that LOGS_INGESTION_ENDPOINT is set in the app';
    return new RefusedCallError('query logs', scope, `${detail}: ${advice}`, { cause: error });
  }
  return toCallError(error, { operation: 'query logs', scope, role: 'Log Analytics Reader' });
}
