import * as v from 'valibot';
import { RefusedRequestError } from '../http/refusal.ts';
import { describeIssues, dotPath } from '../lib/schema-issues.ts';

/** The part of what the MCP extension hands to a function that matters here. The rest holds headers, with the key. */
const triggerSchema = v.object({ arguments: v.nullish(v.record(v.string(), v.unknown())) });

/**
 * The arguments of a tool.
 * @throws {RefusedRequestError} which names each argument that is wrong, and shows no value.
 */
export function parseToolInput<T extends v.GenericSchema>(schema: T, input: unknown): v.InferOutput<T> {
  const trigger = v.safeParse(triggerSchema, input);
  const parsed = v.safeParse(schema, trigger.success ? (trigger.output.arguments ?? {}) : undefined);
  if (parsed.success) return parsed.output;
  const problem = describeIssues(parsed.issues, { where: dotPath('the arguments'), values: 'hidden' });
  throw new RefusedRequestError(400, 'badParameter', problem);
}
