import type { ContainerGroupLister, RecordSetLister } from '../../../dns/ports.ts';
import type { CliContext } from '../../context.ts';
import { LiveLines } from '../../output/live-lines.ts';
import { isLive } from '../../output/terminal.ts';

const redrawMs = 200;

/** How much was read so far. */
export interface ReadCounts {
  groups: number;
  recordSets: number;
}

/** The same lister; it counts what it lists. */
export const countingGroups = (lister: ContainerGroupLister, counts: ReadCounts): ContainerGroupLister => ({
  async *list(...scope) {
    for await (const page of lister.list(...scope)) {
      counts.groups += page.length;
      yield page;
    }
  },
});

/** The same lister; it counts what it lists. */
export const countingRecordSets = (lister: RecordSetLister, counts: ReadCounts): RecordSetLister => ({
  async *list(...zone) {
    for await (const page of lister.list(...zone)) {
      counts.recordSets += page.length;
      yield page;
    }
  },
});

/** Shown on a terminal only, and on stderr: stdout is for the findings. */
export function showProgress(counts: ReadCounts, { stderr, env }: CliContext): { close(): void } {
  if (!isLive(stderr, env)) return { close: () => {} };
  const lines = new LiveLines(stderr);
  const draw = () =>
    lines.draw([[[`Reading: ${counts.groups} container groups, ${counts.recordSets} record sets`]]]);
  draw();
  const timer = setInterval(draw, redrawMs);
  return {
    close() {
      clearInterval(timer);
      lines.draw([]);
      lines.close();
    },
  };
}
