import { readSettings } from '../../app-settings.ts';
import type { CliContext } from '../../context.ts';
import { mergedNames, type NameKind, namesInSettings, readNames } from '../../known-names.ts';
import { printLines } from '../../output/print-result.ts';
import { shortGroup } from '../../output/text.ts';

/**
 * Prints the known names that begin with the word, from the settings here and the last answers of the app.
 * @param word of a list such as `westus,eas`, the last name is completed.
 */
export async function runNames(kind: NameKind, word: string, context: CliContext): Promise<number> {
  const settings = await readSettings(undefined, context).catch(() => context.env);
  const known = mergedNames(namesInSettings(settings), await readNames(context))[kind];
  const at = word.lastIndexOf(',') + 1;
  const list = word.slice(0, at);
  const start = word.slice(at).toLowerCase();
  const chosen = list.split(',');
  // A container group is named by its id, or by its resource group and name.
  const names = kind === 'groups' && !start.startsWith('/') ? known.map(shortGroup) : known;
  const offered = [...new Set(names)]
    .filter((name) => name.toLowerCase().startsWith(start) && !chosen.includes(name))
    .toSorted();
  printLines(
    context.stdout,
    offered.map((name) => `${list}${name}`),
  );
  return 0;
}
