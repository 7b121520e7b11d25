import * as v from 'valibot';
import { azureClients } from '../../../azure/clients.ts';
import { parseConfig } from '../../../config.ts';
import { type PreviewPorts, preview } from '../../../dns/dry-run.ts';
import { readSettings } from '../../app-settings.ts';
import { commandDeadline } from '../../command-deadline.ts';
import type { CliContext } from '../../context.ts';
import { paletteOf } from '../../output/colors.ts';
import { parseGroupReference } from './group-reference.ts';
import { planDocument } from './plan-document.ts';
import { planLines } from './plan-lines.ts';
import { reconcileTargetOf } from './target.ts';

const optionsSchema = v.object({
  subscription: v.optional(v.string()),
  settings: v.optional(v.string()),
  json: v.optional(v.boolean(), false),
});

const previewMs = 60_000;

/**
 * `evenkeel plan`: the dry run of one reconcile.
 * @returns the exit code: 0 nothing to do, 4 changes would be made.
 * @throws {ArgumentError | SettingError} and what the ports throw.
 */
export async function runPlan(groupText: unknown, rawOptions: unknown, context: CliContext): Promise<number> {
  const options = v.parse(optionsSchema, rawOptions);
  const group = parseGroupReference(v.parse(v.string(), groupText), options.subscription);
  const config = parseConfig(await readSettings(options.settings, context));
  const subject = reconcileTargetOf(group, config);
  const access = azureClients(config);
  const [groups, sets] = await Promise.all([access.containerGroups(), access.recordSets()]);
  const ports: PreviewPorts = {
    containerGroups: groups.reader,
    recordSets: sets.reader,
    clock: context.clock,
  };
  const plan = await preview(subject, ports, commandDeadline(previewMs, context));
  const exitCode = plan.changes.length === 0 ? 0 : 4;
  const lines = options.json
    ? [JSON.stringify({ ...planDocument(plan), exitCode }, undefined, 2)]
    : planLines(plan, paletteOf(context.stdout, context.env));
  context.stdout.write(`${lines.join('\n')}\n`);
  return exitCode;
}
