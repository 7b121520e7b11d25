import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { AppLoadError } from './app-loader.ts';

/** `hh:mm:ss`, with days before and fractions of a second after, to milliseconds. */
const timeSpanMs = v.pipe(
  v.string(),
  v.regex(/^(\d+\.)?\d{1,2}:\d{2}:\d{2}(\.\d{1,7})?$/, 'expected a time span such as 00:00:02'),
  v.transform((text) => {
    const [, days = '0', hours = '0', minutes = '0', seconds = '0'] =
      /^(?:(\d+)\.)?(\d+):(\d+):([\d.]+)$/.exec(text) ?? [];
    return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  }),
);

/**
 * The part of host.json that this host follows, with the runtime's defaults.
 * https://learn.microsoft.com/azure/azure-functions/functions-host-json
 */
const hostJson = v.object({
  version: v.literal('2.0'),
  extensions: v.optional(
    v.object({
      http: v.optional(v.object({ routePrefix: v.optional(v.string(), 'api') }), {}),
      queues: v.optional(
        v.object({
          batchSize: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(32)), 16),
          newBatchThreshold: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 8),
          maxDequeueCount: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 5),
          // A minute in Azure; the runtime itself takes two seconds on a developer's machine.
          maxPollingInterval: v.optional(timeSpanMs, '00:00:02'),
          visibilityTimeout: v.optional(timeSpanMs, '00:00:00'),
          messageEncoding: v.optional(
            v.pipe(v.string(), v.toLowerCase(), v.picklist(['base64', 'none'])),
            'base64',
          ),
        }),
        {},
      ),
      mcp: v.optional(
        v.object({
          serverName: v.optional(v.string(), 'Azure Functions MCP server'),
          serverVersion: v.optional(v.string(), '1.0.0'),
          instructions: v.optional(v.string()),
          system: v.optional(
            v.object({
              webhookAuthorizationLevel: v.optional(
                v.pipe(v.string(), v.toLowerCase(), v.picklist(['system', 'anonymous'])),
                'system',
              ),
            }),
            {},
          ),
        }),
        {},
      ),
    }),
    {},
  ),
});
type HostJson = v.InferOutput<typeof hostJson>;
export type QueueSettings = HostJson['extensions']['queues'];
/** What assistants see of the server, and whether they need its key. */
export type McpSettings = HostJson['extensions']['mcp'];

/** Throws `AppLoadError` when the file is missing, is no JSON or holds a value out of range. */
export async function readHostJson(directory: string): Promise<HostJson> {
  const path = join(directory, 'host.json');
  try {
    return v.parse(hostJson, JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new AppLoadError(`${path}: ${describe(cause)}`, { cause });
  }
}

function describe(error: unknown): string {
  if (v.isValiError<typeof hostJson>(error)) {
    const [issue] = error.issues;
    return `${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`;
  }
  return error instanceof Error ? error.message : String(error);
}
