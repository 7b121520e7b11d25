import { app, type HttpResponseInit } from '@azure/functions';
import * as v from 'valibot';
import type { Log } from '../lib/log.ts';
import { parseToolInput } from '../mcp/tool-input.ts';
import { runTool, type ToolAnswer } from '../mcp/tool-result.ts';
import { untrusted } from '../mcp/untrusted.ts';
import { parseRegion, type Region } from '../registries/replica.ts';

const inputSchema = v.strictObject({
  registry: v.string(),
  repository: v.string(),
  reference: v.string(),
  regions: v.optional(
    v.pipe(
      v.array(v.string()),
      v.maxLength(100, 'expected at most 100 regions'),
      v.transform((names) => names.map(parseRegion)),
      v.array(v.string('expected regions such as westus')),
    ),
    [],
  ),
});

/** The parts of the answer of `getReplication` that are used here. */
const errorSchema = v.object({ error: v.object({ code: v.string(), message: v.string() }) });
const bodySchema = v.looseObject({
  digest: v.string(),
  regions: v.array(v.looseObject({ region: v.string(), state: v.string() })),
  diverged: v.optional(v.record(v.string(), v.string()), {}),
});

/**
 * Tells assistants whether an image is in every region, as `getReplication` does. It neither waits nor asks the regional
 * endpoints: one question of those may make thousands of calls.
 * @param answer the answer to the parameters of `getReplication`.
 */
export function bindMcpReplication(
  answer: (asked: Readonly<Record<string, string>>, log: Log) => Promise<HttpResponseInit>,
): void {
  app.mcpTool('mcpReplication', {
    toolName: 'get_image_replication',
    description: `Whether an image of a geo-replicated Azure Container Registry has reached every region, by what webhooks, events and reviews have shown so far. "state" is replicated, pending, stalled (the objective has passed), superseded or deleted; "etaMs" estimates the time that is left. ${untrusted}`,
    toolProperties: [
      {
        propertyName: 'registry',
        propertyType: 'string',
        description: 'Login server of the registry, such as myregistry.azurecr.io; also its name or ARM id.',
        isRequired: true,
      },
      {
        propertyName: 'repository',
        propertyType: 'string',
        description: 'Repository, such as team/app.',
        isRequired: true,
      },
      {
        propertyName: 'reference',
        propertyType: 'string',
        description: 'Tag, such as v1, or digest, such as sha256:….',
        isRequired: true,
      },
      {
        propertyName: 'regions',
        propertyType: 'string',
        isArray: true,
        description: 'Regions, such as westus. With them the answer also says which of these lack the image.',
        isRequired: false,
      },
    ],
    handler: (input, context) =>
      runTool('get_image_replication', context, async (log) => {
        const { regions, ...asked } = parseToolInput(inputSchema, input);
        return toolAnswer(await answer(asked, log), regions);
      }),
  });
}

function toolAnswer({ headers, jsonBody }: HttpResponseInit, regions: readonly Region[]): ToolAnswer {
  const seconds = new Headers(headers).get('retry-after');
  const retryAfter = seconds === null ? {} : { retryAfterSeconds: Number(seconds) };
  const failed = v.safeParse(errorSchema, jsonBody);
  if (failed.success) return { kind: 'error', error: { ...failed.output.error, ...retryAfter } };
  const { repairs: _, ...body } = v.parse(bodySchema, jsonBody);
  const isThere = ({ region, state }: (typeof body.regions)[number]): boolean =>
    state === 'available' && (body.diverged[region] ?? body.digest) === body.digest;
  const there = new Set(body.regions.filter(isThere).map(({ region }) => region));
  const named =
    regions.length === 0 ? {} : { missingInNamedRegions: regions.filter((region) => !there.has(region)) };
  return { kind: 'document', document: { ...body, ...named, ...retryAfter } };
}
