import { parseConfig } from '../../../config.ts';
import { parseEndpoint } from '../../../settings/endpoint.ts';
import { SettingError, settingValue, textOf } from '../../../settings/setting.ts';
import { readSettings } from '../../app-settings.ts';
import { ArgumentError } from '../../argument-error.ts';
import { azureClientsOf, getToken } from '../../azure.ts';
import { type CliContext, commandDeadline } from '../../context.ts';
import type { SharedOptions } from '../../options.ts';
import { printResult } from '../../output/print-result.ts';
import { parseSince } from '../../time-arguments.ts';
import { historyLines } from './history-lines.ts';
import { historyQuery, parseSubject } from './query.ts';

interface HistoryOptions extends Pick<SharedOptions, 'settings' | 'json'> {
  readonly workspace?: string | undefined;
  readonly since: string;
  readonly limit: string;
  readonly changes?: true | undefined;
  readonly table: string;
}

const queryMs = 90_000;
const maxRows = 5_000;

/**
 * `evenkeel history`: shows what was observed of a record.
 * @returns the exit code.
 * @throws {ArgumentError | SettingError | NotSignedInError} and the errors of the query.
 */
export async function runHistory(
  record: string,
  options: HistoryOptions,
  context: CliContext,
): Promise<number> {
  const { env, clock, interrupted } = context;
  const end = clock.now();
  const start = parseSince(options.since, end);
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > maxRows) {
    throw new ArgumentError(`--limit: expected a whole number from 1 to ${maxRows}`);
  }
  const query = historyQuery(parseSubject(record), {
    table: options.table,
    limit,
    changes: options.changes === true,
  });
  const id = workspaceId(options.workspace ?? textOf(env, 'EVENKEEL_LOG_WORKSPACE_ID'));
  const config = parseConfig(await readSettings(options.settings, context));
  const { logsQueryEndpoint } = settingValue(config.cloud);
  const named = textOf(env, 'EVENKEEL_LOGS_QUERY_ENDPOINT') ?? logsQueryEndpoint;
  const endpoint = settingValue(parseEndpoint('EVENKEEL_LOGS_QUERY_ENDPOINT', named));
  const deadline = commandDeadline(queryMs, context);
  const credential = endpoint.isInsecure ? undefined : await azureClientsOf(config).credential();
  if (credential !== undefined) await getToken(credential, `${logsQueryEndpoint}/.default`, deadline);
  const { queryObservations } = await import('../../../azure/logs-query.ts');
  const workspace = { endpoint: endpoint.url, audience: logsQueryEndpoint, id, credential };
  const observations = await queryObservations(workspace, { query, start, end }, deadline);
  interrupted.throwIfAborted();
  printResult(context, options, {
    json: { since: start.toISOString(), until: end.toISOString(), observations },
    lines: (pc) => historyLines(observations, { record, start, limit }, pc),
  });
  return 0;
}

/** @throws {SettingError} */
function workspaceId(text: string | undefined): string {
  if (text === undefined) {
    throw new SettingError(
      'EVENKEEL_LOG_WORKSPACE_ID: expected the customer id of the log workspace, found nothing; give --workspace, or set it to what "az monitor log-analytics workspace show" has as customerId',
    );
  }
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) {
    throw new SettingError(
      `EVENKEEL_LOG_WORKSPACE_ID: expected a customer id such as 00000000-0000-0000-0000-000000000000, found ${JSON.stringify(text)}`,
    );
  }
  return text;
}
