import * as v from 'valibot';

const outcomeSchema = v.object({
  containerGroup: v.string(),
  result: v.string(),
  changes: v.array(v.string()),
});

/** The outcomes that the app logs, read from the lines that the host prints. */
export class ReconciliationLog {
  private readonly results = new Map<string, string[]>();

  /** Runs after every reconcile: gets the group's name, the result in words, and what was written. */
  listener: ((name: string, result: string, changes: readonly string[]) => void) | undefined;

  private executions = 0;
  private awaited: { executions: number; resolve: () => void } | undefined;

  /** Reads a line of the host's output. */
  take(line: string): void {
    if (/Executed 'Functions\.(reconcileDns|trackIpDrift)'/.test(line)) {
      this.executions += 1;
      if (this.awaited !== undefined && this.executions >= this.awaited.executions) this.awaited.resolve();
    }
    const [, json] = /dns reconciled (\{.*\})$/.exec(line) ?? [];
    if (json === undefined) return;
    const { containerGroup, result, changes } = v.parse(outcomeSchema, JSON.parse(json));
    this.listener?.(containerGroup.split('/').at(-1) ?? '', inWords(result), changes);
    this.results.set(containerGroup, [...(this.results.get(containerGroup) ?? []), result]);
  }

  /** Resolves when the log has so many executions: the host's lines may arrive after its answers. */
  executionsSeen(executions: number): Promise<void> {
    if (this.executions >= executions) return Promise.resolve();
    return new Promise((resolve) => {
      this.awaited = { executions, resolve };
    });
  }

  /** The results for a group since the last call, with how often each came: `updated, nothing to do ×2`. */
  collect(containerGroup: string): string {
    const key = containerGroup.toLowerCase();
    const results = this.results.get(key) ?? [];
    this.results.delete(key);
    const counts = Map.groupBy(results, (result) => result);
    return [...counts]
      .map(([result, { length }]) => `${inWords(result)}${length === 1 ? '' : ` ×${length}`}`)
      .join(', ');
  }
}

const inWords = (result: string): string => (result === 'nothingToDo' ? 'nothing to do' : result);
