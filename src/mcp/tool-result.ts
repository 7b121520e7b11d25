import { type InvocationContext, McpContentBlock, McpTextContent, McpToolResponse } from '@azure/functions';
import { RefusedRequestError } from '../http/refusal.ts';
import { type Log, lineLog, logFailure } from '../lib/log.ts';
import { SettingError } from '../settings/setting.ts';
import { shownText, shownValue } from './shown-value.ts';

/** What a tool has to say. */
export type ToolAnswer =
  | { readonly kind: 'document'; readonly document: object }
  | { readonly kind: 'error'; readonly error: ToolError };

interface ToolError {
  readonly code: string;
  readonly message: string;
  /** Seconds after which the same call may succeed. */
  readonly retryAfterSeconds?: number;
}

/**
 * A result that says that it is an error. `@azure/functions` 4.16.5 takes `isError` and does not pass it on, while the
 * extension takes a whole result of MCP under this type since its version 1.3:
 * https://github.com/Azure/azure-functions-mcp-extension/pull/172
 */
class ErrorResult extends McpContentBlock {
  readonly type = 'call_tool_result';
  readonly error: ToolError;
  constructor(error: ToolError) {
    super();
    this.error = error;
  }
  toJSON(): Record<string, unknown> {
    const { code, message } = this.error;
    return {
      content: [new McpTextContent(`${code}: ${message}`).toJSON()],
      structuredContent: { error: this.error },
      isError: true,
    };
  }
}

/**
 * Runs a tool. Whatever becomes of it is an answer, and one log line, which holds nothing of the input: that carries
 * the key of the caller.
 */
export async function runTool(
  tool: string,
  context: InvocationContext,
  work: (log: Log) => Promise<ToolAnswer>,
): Promise<McpToolResponse | McpContentBlock> {
  const log = lineLog(context);
  const answer = await answerOf(tool, work, log);
  if (answer.kind === 'error') {
    return new ErrorResult({ ...answer.error, message: shownText(answer.error.message) });
  }
  const document = shownValue(answer.document);
  return new McpToolResponse({
    content: [new McpTextContent(JSON.stringify(document))],
    structuredContent: document,
  });
}

async function answerOf(
  tool: string,
  work: (log: Log) => Promise<ToolAnswer>,
  log: Log,
): Promise<ToolAnswer> {
  try {
    const answer = await work(log);
    log.info('tool answered', { tool, reason: answer.kind === 'error' ? answer.error.code : null });
    return answer;
  } catch (error) {
    if (error instanceof RefusedRequestError) {
      const { code, message } = error;
      log.warn('tool call refused', { tool, reason: code, detail: message });
      return { kind: 'error', error: { code, message } };
    }
    logFailure('tool call', error, { tool }, log);
    if (error instanceof SettingError)
      return { kind: 'error', error: { code: 'settingBad', message: error.message } };
    // The reason is for the operator, who finds it in the log.
    return { kind: 'error', error: { code: 'notAnswered', message: `${tool} cannot be answered now` } };
  }
}
