import { app, type McpToolFunctionOptions } from '@azure/functions';
import * as v from 'valibot';
import { vi } from 'vitest';
import { invocation } from '../support/fake-notifications.ts';

const result = v.object({
  content: v.array(v.looseObject({ toJSON: v.function() })),
  structuredContent: v.unknown(),
});
const whole = v.object({ isError: v.literal(true), structuredContent: v.unknown() });

type Call = (
  args: object,
  input?: object,
) => Promise<{ readonly document?: unknown; readonly error?: unknown; readonly lines: readonly string[] }>;

/**
 * Binds one tool, to be called with arguments as the MCP extension does.
 * @returns what it answered: `error` instead of `document` where the tool says that it is one.
 */
export function toolOf(bind: () => void): Call {
  const mcpTool = vi.spyOn(app, 'mcpTool').mockImplementation(() => {});
  bind();
  const options: McpToolFunctionOptions | undefined = mcpTool.mock.lastCall?.[1];
  if (options === undefined) throw new Error('nothing was bound');
  const { handler, toolName: name } = options;
  return async (args, input = {}) => {
    const { context, lines } = invocation();
    const returned: unknown = await handler({ name, arguments: args, ...input }, context);
    const failed = v.safeParse(v.object({ type: v.literal('call_tool_result') }), returned);
    if (failed.success) {
      return { error: v.parse(whole, JSON.parse(JSON.stringify(returned))).structuredContent, lines };
    }
    return { document: v.parse(result, returned).structuredContent, lines };
  };
}
