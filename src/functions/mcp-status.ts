import { app } from '@azure/functions';
import * as v from 'valibot';
import type { Log } from '../lib/log.ts';
import { parseToolInput } from '../mcp/tool-input.ts';
import { runTool } from '../mcp/tool-result.ts';
import { untrusted } from '../mcp/untrusted.ts';
import { briefParts, briefStatus } from '../status/brief.ts';
import type { StatusDocument } from '../status/schema.ts';

const inputSchema = v.strictObject({
  part: v.optional(v.picklist(briefParts, `expected one of ${briefParts.join(', ')}`), 'summary'),
});

/** Gives assistants the status in short: what `getStatus` answers, without commands and history. */
export function bindMcpStatus(read: (log: Log) => Promise<StatusDocument>): void {
  app.mcpTool('mcpStatus', {
    toolName: 'get_status',
    description: `What evenkeel knows of DNS records of container groups, of images on their way to the regions of a registry, and of the replicas of each registry; "even" is true when there is no problem. Of each list it has at most 50 rows, what is wrong first, and "total" counts all. ${untrusted}`,
    toolProperties: [
      {
        propertyName: 'part',
        propertyType: 'string',
        description: `One of ${briefParts.join(', ')}; summary without it. The others show the rows behind its numbers.`,
        isRequired: false,
      },
    ],
    handler: (input, context) =>
      runTool('get_status', context, async (log) => {
        const { part } = parseToolInput(inputSchema, input);
        return { kind: 'document', document: briefStatus(await read(log), part) };
      }),
  });
}
