/** The options of `evenkeel status` in a plain command line, as commander would parse them. */
export interface PlainStatus {
  readonly app?: string;
  readonly json?: true;
}

/**
 * Parses the command lines of `status` that need no parser: `--app URL`, `--json` and `--verbose` in any order. To load
 * commander and to declare the command to it takes half as long as Node.js itself does to start.
 * @returns `undefined` for every other command line, which commander parses, or explains.
 */
export function plainStatus([command, ...options]: readonly string[]): PlainStatus | undefined {
  if (command !== 'status') return undefined;
  let parsed: PlainStatus = {};
  for (let at = 0; at < options.length; at++) {
    const option = options[at];
    const value = options[at + 1];
    if (option === '--json') parsed = { ...parsed, json: true };
    else if (option === '--app' && value !== undefined && !value.startsWith('-')) {
      parsed = { ...parsed, app: value };
      at++;
      // The failure looks for it.
    } else if (option !== '--verbose') return undefined;
  }
  return parsed;
}
