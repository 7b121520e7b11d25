import * as v from 'valibot';
import { describeIssues, dotPath } from '../lib/schema-issues.ts';
import { type ImageReport, parseImageReport, reportedHost } from './image-report.ts';

/** The parsed body of a registry's native webhook. It names no region. */
type RegistryWebhook =
  | { readonly kind: 'notification'; readonly registryHost: string | undefined; readonly report: ImageReport }
  /** There is nothing to record. */
  | { readonly kind: 'ignored'; readonly registryHost: string | undefined; readonly action: string }
  | { readonly kind: 'malformed'; readonly reason: string };

const actionSchema = v.object({
  action: v.picklist(['push', 'delete', 'chart_push', 'chart_delete', 'quarantine', 'ping']),
});

/**
 * | action                   | result                                                 |
 * |--------------------------|--------------------------------------------------------|
 * | `push`, `chart_push`     | a push                                                 |
 * | `delete`, `chart_delete` | a deletion                                             |
 * | `quarantine`             | ignored: a `push` follows once the image is released   |
 * | `ping`                   | ignored                                                |
 * | any other                | malformed                                              |
 *
 * https://learn.microsoft.com/azure/container-registry/container-registry-webhook-reference
 */
export function parseRegistryWebhook(body: unknown, arrivedAt: Date): RegistryWebhook {
  const parsed = v.safeParse(actionSchema, body);
  if (!parsed.success)
    return {
      kind: 'malformed',
      reason: describeIssues(parsed.issues, { where: dotPath('body'), values: 'hidden' }),
    };
  const { action } = parsed.output;
  const registryHost = reportedHost(body);
  if (action === 'ping' || action === 'quarantine') return { kind: 'ignored', registryHost, action };
  const read = parseImageReport(action.endsWith('push') ? 'push' : 'delete', body, undefined, arrivedAt);
  return read.kind === 'report' ? { kind: 'notification', registryHost, report: read.report } : read;
}
