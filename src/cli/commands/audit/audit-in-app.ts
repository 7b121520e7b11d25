import { SettingError, textOf } from '../../../settings/setting.ts';
import { parseStatus, type StatusDocument } from '../../../status/schema.ts';
import {
  type AppAccess,
  AppCallError,
  AppRefusedError,
  callApp,
  fetchStatus,
  findApp,
} from '../../app-client.ts';
import type { CliContext } from '../../context.ts';
import type { SharedOptions } from '../../options.ts';
import { formatDuration } from '../../output/duration.ts';
import { LiveLines } from '../../output/live-lines.ts';
import { printResult } from '../../output/print-result.ts';
import { isLive } from '../../output/terminal.ts';
import { withPlainTexts } from '../../output/text.ts';
import { auditLines, type ShownReport } from './audit-lines.ts';

/** Longer than a sweep may take, with room for a cold start and for storing its report. */
const sweepMs = 11 * 60 * 1000;
const startTimeoutMs = 30_000;
const pauseMs = 2_000;

type AppAudit = NonNullable<StatusDocument['dns']['audit']>;

/**
 * `evenkeel audit --now`: has the app sweep, as at its schedule, and waits for the report. Unlike the sweep of this
 * machine, it publishes what it finds, so that the app repairs it.
 *
 * The host runs a function by hand for the master key only, and only says that it has begun.
 * https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http
 *
 * @returns the exit code: 0 no findings, 1 incomplete, 3 findings.
 * @throws {SettingError | AppCallError}
 */
export async function auditInApp(
  options: Pick<SharedOptions, 'app' | 'json'>,
  context: CliContext,
): Promise<number> {
  const { env, stderr, clock, interrupted } = context;
  const app = findApp(options.app, env);
  const admin = { ...app, key: masterKey(app, context) };
  // A master key opens the other functions, too.
  const reader = { ...app, key: app.key ?? admin.key };
  const { status: before } = await fetchStatus(context, reader, parseStatus);
  const startedAtMs = clock.now().getTime();
  await startSweep(admin, context);

  const lines = isLive(stderr, env) ? new LiveLines(stderr) : undefined;
  if (lines === undefined) stderr.write('The app sweeps now.\n');
  const elapsedMs = () => clock.now().getTime() - startedAtMs;
  const draw = () => lines?.draw([`The app sweeps now: ${formatDuration(elapsedMs())}`]);
  const timer = setInterval(draw, 1000);
  draw();
  let swept: Swept | undefined;
  try {
    while (swept === undefined && elapsedMs() < sweepMs) {
      await clock.sleep(pauseMs);
      interrupted.throwIfAborted();
      swept = await sweptSince(before, reader, context);
    }
  } finally {
    clearInterval(timer);
    lines?.draw([]);
    lines?.close();
  }
  if (swept === undefined) {
    throw new AppCallError(
      `no sweep has ended within ${formatDuration(sweepMs)}: look at the log of auditDns, and run evenkeel status`,
    );
  }
  const { report, audit, sent } = swept;
  printResult(context, options, { json: sent, lines: (pc) => auditLines(report, pc, context.stdout) });
  if (!audit.complete) return 1;
  return report.findings.length === 0 ? 0 : 3;
}

function masterKey({ url }: AppAccess, { env }: CliContext): string | undefined {
  const key = textOf(env, 'EVENKEEL_MASTER_KEY');
  // A host on this machine asks for none.
  if (key === undefined && url.startsWith('https:')) {
    throw new SettingError(
      'EVENKEEL_MASTER_KEY: expected the master key of the app, which --now needs, found nothing; az functionapp keys list --ids "$EVENKEEL_FUNCTION_APP_ID" --query masterKey -o tsv prints it',
    );
  }
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    throw new SettingError('EVENKEEL_MASTER_KEY: expected a key, found characters that no key has');
  }
  return key;
}

/** @throws {AppCallError} unless the host accepts. */
async function startSweep(admin: AppAccess, context: CliContext): Promise<void> {
  const { status } = await callApp(context, admin, new URL(`${admin.url}/admin/functions/auditDns`), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":""}',
    timeoutMs: startTimeoutMs,
  });
  if (status === 202) return;
  if (status === 401 || status === 403) {
    throw new AppRefusedError(
      `the app answered ${status}: set EVENKEEL_MASTER_KEY to the master key of the app; a function key does not run functions by hand`,
    );
  }
  if (status === 404) throw new AppRefusedError('the app answered 404: it has no function auditDns');
  const isTemporary = status >= 500 || status === 429;
  const message = `the app answered ${status}: ${isTemporary ? 'try again later' : 'look at its log'}`;
  throw isTemporary ? new AppCallError(message) : new AppRefusedError(message);
}

interface Swept {
  readonly audit: AppAudit;
  readonly report: ShownReport;
  /** The report as the app sent it. */
  readonly sent: unknown;
}

/**
 * The report of a sweep that began after the status was asked for; both times are the app's. An app that does not
 * answer now may do so in a moment.
 */
async function sweptSince(
  before: StatusDocument,
  app: AppAccess,
  context: CliContext,
): Promise<Swept | undefined> {
  try {
    const { status, body } = await fetchStatus(context, app, (one) => parseStatus(withPlainTexts(one)));
    const { audit, spokes } = status.dns;
    if (audit === null || Date.parse(audit.startedAt) < Date.parse(before.now)) return undefined;
    const { unmappedGroups, findingsTotal } = audit;
    const report = { ...audit, spokes, unmappedGroups, findingsTotal };
    return { audit, report, sent: auditIn(body) };
  } catch (error) {
    context.interrupted.throwIfAborted();
    if (error instanceof AppRefusedError || !(error instanceof AppCallError)) throw error;
    return undefined;
  }
}

/** What stands under `dns.audit`, with what this version does not know. */
function auditIn(body: unknown): unknown {
  const dns = typeof body === 'object' && body !== null && 'dns' in body ? body.dns : undefined;
  return typeof dns === 'object' && dns !== null && 'audit' in dns ? dns.audit : undefined;
}
