import * as v from 'valibot';
import { parseJson } from '../lib/json.ts';
import {
  type AppAccess,
  AppCallError,
  AppRefusedError,
  accessAdvice,
  callApp,
  statusError,
} from './app-client.ts';
import { ArgumentError } from './argument-error.ts';
import type { CliContext } from './context.ts';
import { withPlainTexts } from './output/text.ts';

/** What is asked of `POST /api/rehearsals`. */
export interface RehearsalBody {
  readonly registry: string;
  readonly region: string;
  /** An ISO 8601 duration; a question may leave it out. */
  readonly for?: string;
  readonly by?: string;
  readonly reason?: string;
}

const commandsSchema = v.object({ off: v.string(), on: v.string() });
const checkSchema = v.looseObject({
  registry: v.string(),
  loginServer: v.string(),
  region: v.string(),
  mode: v.string(),
  until: v.nullable(v.string()),
  interlocks: v.array(v.object({ rule: v.string(), pass: v.boolean(), detail: v.string() })),
  refusedBy: v.array(v.string()),
  commands: commandsSchema,
});
const endSchema = v.looseObject({ registry: v.string(), mode: v.string(), commands: commandsSchema });
const errorSchema = v.object({ error: v.object({ code: v.string(), message: v.string() }) });

/** What the app says of a replica that it looked at, with every interlock. */
export type RehearsalCheck = v.InferOutput<typeof checkSchema>;
export type EndedRehearsal = v.InferOutput<typeof endSchema>;

/** The app finds no replica in the region. */
export class NoReplicaError extends ArgumentError {}

/** Longer than the app itself takes to give up, with room for a cold start. */
const timeoutMs = 40_000;

/**
 * Asks for a rehearsal, or whether one would be accepted.
 * @returns the answer; it was accepted, or would be, when nothing refuses.
 * @throws {NoReplicaError | ArgumentError | AppCallError}
 */
export async function postRehearsal(
  context: Pick<CliContext, 'send' | 'interrupted'>,
  app: AppAccess,
  body: RehearsalBody,
  { whatIf }: { readonly whatIf: boolean },
): Promise<RehearsalCheck> {
  const url = new URL(`${app.url}/api/rehearsals${whatIf ? '?whatIf=true' : ''}`);
  const { status, text } = await callApp(context, app, url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    timeoutMs,
  });
  if (status === 200 || status === 202 || status === 409) return parsed(checkSchema, text);
  throw refusal(status, text);
}

/** @throws {ArgumentError | AppCallError} */
export async function deleteRehearsal(
  context: Pick<CliContext, 'send' | 'interrupted'>,
  app: AppAccess,
  target: Pick<RehearsalBody, 'registry' | 'region'>,
): Promise<EndedRehearsal> {
  const url = new URL(`${app.url}/api/rehearsals?${new URLSearchParams({ ...target })}`);
  const { status, text } = await callApp(context, app, url, { method: 'DELETE', timeoutMs });
  if (status === 202) return parsed(endSchema, text);
  throw refusal(status, text);
}

function parsed<S extends v.GenericSchema>(schema: S, text: string): v.InferOutput<S> {
  const result = v.safeParse(schema, withPlainTexts(parseJson(text)));
  if (result.success) return result.output;
  throw new AppRefusedError('the app did not answer with what a rehearsal is; does it run another version?');
}

function refusal(status: number, text: string): Error {
  const told = v.safeParse(errorSchema, withPlainTexts(parseJson(text)));
  if (accessAdvice(status) !== undefined || !told.success) return statusError(status);
  const { code, message } = told.output.error;
  if (code === 'replicaNotFound') return new NoReplicaError(message);
  // The app understood the question, and it is the question that is wrong.
  if (status === 400 || status === 404) return new ArgumentError(message);
  return new AppCallError(`the app answered ${status}: ${message}`);
}
