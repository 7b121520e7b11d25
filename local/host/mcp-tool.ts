/**
 * A tool of the Model Context Protocol, as the MCP extension of the Functions runtime makes one of a function. Read in
 * its sources, version 1.6: https://github.com/Azure/azure-functions-mcp-extension
 */
import type { Tool } from '@modelcontextprotocol/server';
import * as v from 'valibot';
import type { InvocationResponse, TypedData } from './core-types.ts';
import type { RegisteredFunction } from './function-app.ts';
import type { Firing } from './invoker.ts';

const property = v.object({
  propertyName: v.string(),
  propertyType: v.string(),
  description: v.optional(v.string(), ''),
  isRequired: v.optional(v.boolean(), false),
  isArray: v.optional(v.boolean(), false),
});

const toolTrigger = v.object({
  toolName: v.string(),
  description: v.optional(v.string(), ''),
  useResultSchema: v.optional(v.boolean(), false),
  toolProperties: v.optional(v.pipe(v.string(), v.parseJson(), v.array(property)), '[]'),
});

export interface McpTool {
  readonly target: RegisteredFunction;
  /** As `tools/list` shows it. */
  readonly shown: Tool;
  readonly required: readonly string[];
  /** Whether the function gives its results in the form that {@link resultOf} reads, and not as a text. */
  readonly hasResultForm: boolean;
}

export const isMcpToolFunction = (target: RegisteredFunction): boolean =>
  target.trigger.type.toLowerCase() === 'mcptooltrigger';

/** Throws on a trigger that cannot be served. */
export function mcpToolOf(target: RegisteredFunction): McpTool {
  const { toolName, description, toolProperties, useResultSchema } = v.parse(toolTrigger, target.trigger);
  const required = toolProperties.flatMap(({ isRequired, propertyName }) => (isRequired ? propertyName : []));
  const properties = Object.fromEntries(
    toolProperties.map(({ propertyName, propertyType, description: text, isArray }) => [
      propertyName,
      isArray
        ? { type: 'array', items: { type: propertyType }, description: text }
        : { type: propertyType, description: text },
    ]),
  );
  const inputSchema = { type: 'object', properties, required } as const;
  return {
    target,
    shown: { name: toolName, description, inputSchema },
    required,
    hasResultForm: useResultSchema,
  };
}

/** @param headers of the request, which the function sees with all that they hold. */
export function mcpToolFiring(
  { shown, target }: McpTool,
  args: Readonly<Record<string, unknown>> | undefined,
  headers: Headers,
): Firing {
  const transport = { name: 'http-streamable', properties: { headers: Object.fromEntries(headers) } };
  const context = JSON.stringify({ name: shown.name, ...(args && { arguments: args }), transport });
  const texts = Object.entries(args ?? {}).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return {
    reason: '(null)',
    input: { string: context },
    triggerMetadata: {
      [target.triggerName]: { string: context },
      mcptoolcontext: { json: context },
      ...(args && { mcptoolargs: json(Object.fromEntries(texts)) }),
    },
  };
}

const json = (value: unknown): TypedData => ({ json: JSON.stringify(value) });

const returned = v.object({
  type: v.string(),
  content: v.pipe(v.string(), v.parseJson()),
  structuredContent: v.nullish(v.pipe(v.string(), v.parseJson())),
});

/** What a function returned, as the result of the tool, not yet validated. */
export function resultOf({ returnValue }: InvocationResponse, { hasResultForm }: McpTool): unknown {
  const text = returnValue?.string ?? returnValue?.json;
  if (text === undefined) return { content: [] };
  if (!hasResultForm) return { content: [{ type: 'text', text }] };
  const { type, content, structuredContent } = v.parse(returned, JSON.parse(text));
  if (type === 'call_tool_result') return content;
  return {
    content: type === 'multi_content_result' ? content : [content],
    ...(structuredContent == null ? {} : { structuredContent }),
  };
}
