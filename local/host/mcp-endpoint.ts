/**
 * The endpoint of the MCP extension, for assistants: streamable HTTP without a state, after the protocol of 2025.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-mcp
 */
import { emptyAnswer } from './answers.ts';
import type { McpSettings } from './host-json.ts';
import type { Invoker } from './invoker.ts';
import type { KeyRing } from './keys.ts';
import { type McpTool, mcpToolFiring, resultOf } from './mcp-tool.ts';

interface McpEndpointOptions {
  readonly tools: readonly McpTool[];
  readonly settings: McpSettings;
  readonly invoker: Invoker;
  readonly keys: KeyRing;
}

/** The answer is undefined where the app has no tool: the runtime then has not loaded the extension. */
export function createMcpEndpoint(
  options: McpEndpointOptions,
): (request: Request) => Promise<Response | undefined> {
  const { tools, settings, keys } = options;
  return async (request) => {
    if (tools.length === 0) return undefined;
    if (settings.system.webhookAuthorizationLevel === 'system') {
      const grant = keys.grantOf(request, { systemKeyName: 'mcp_extension' });
      if (grant !== 'master' && grant !== 'system') return emptyAnswer(grant === 'none' ? 401 : 403);
    }
    if (request.method !== 'POST') return emptyAnswer(405);
    return serve(request, options);
  };
}

/** Each request is served by itself. The library takes a while to load, which other requests need not wait for. */
async function serve(request: Request, { tools, settings, invoker }: McpEndpointOptions): Promise<Response> {
  const mcp = await import('@modelcontextprotocol/server');
  const answer = mcp.legacyStatelessFallback(() => {
    const { serverName: name, serverVersion: version, instructions } = settings;
    const server = new mcp.Server(
      { name, version },
      { capabilities: { tools: {} }, ...(instructions === undefined ? {} : { instructions }) },
    );
    server.setRequestHandler('tools/list', () => ({ tools: tools.map(({ shown }) => shown) }));
    server.setRequestHandler('tools/call', async ({ params }) => {
      const tool = tools.find(({ shown }) => shown.name.toLowerCase() === params.name.toLowerCase());
      const { InvalidParams } = mcp.ProtocolErrorCode;
      if (tool === undefined) throw new mcp.ProtocolError(InvalidParams, `Unknown tool: '${params.name}'`);
      const missing = tool.required.filter((name) => params.arguments?.[name] == null);
      if (missing.length > 0) {
        throw new mcp.ProtocolError(
          InvalidParams,
          `One or more required tool properties are missing values. Please provide: ${missing.join(', ')}`,
        );
      }
      const outcome = await invoker.fire(tool.target, mcpToolFiring(tool, params.arguments, request.headers));
      const result = outcome.succeeded ? resultOf(outcome.response, tool) : undefined;
      if (mcp.isCallToolResult(result)) return result;
      const text = `An error occurred invoking '${tool.shown.name}'.`;
      return { content: [{ type: 'text', text }], isError: true };
    });
    return server;
  });
  return answer(request);
}
