/** The steps of the Bicep compiler: it compiles, lints, formats, and evaluates what a deployment would create. */
import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { filesIn, root, textOf } from './files.ts';
import type { Found } from './nuget-tool.ts';
import { linesOf, run } from './program.ts';
import { type Result, resultOf, type Step } from './step.ts';

const templates = ['infra/main.bicep', 'infra/connect.bicep'];
const snapshotFolder = 'test/infra/snapshots';
/** Parameters that must not be deployed. The first line of each says, after `//`, what the compiler says of it. */
const refusedFolder = 'test/infra/refused';

/** What a deployment of main.bicep puts out and azd hands to connect.bicepparam. */
const outputs = JSON.parse(readFileSync(join(root, snapshotFolder, 'outputs.json'), 'utf8'));

/** Findings of the compiler and of the linter, warnings among them, each without the path of this machine. */
const findingsIn = (text: string): string[] => [
  ...new Set(
    linesOf(text)
      .filter((line) => / : (?:Warning|Error|Info) /.test(line) || /^(?:ERROR|WARNING|Unhandled)/.test(line))
      .map((line) => line.replaceAll(`${root}/`, '')),
  ),
];

/** The resources that differ, or what the compiler says; the differences themselves are for `git diff`. */
function differencesIn(file: string, text: string): string[] {
  const lines = linesOf(stripVTControlCharacters(text));
  const resources = lines.filter((line) => /^[~+-] [\w.]+(?:\/\S+)+/.test(line));
  if (resources.length === 0) return [`${file}:`, ...lines.slice(0, 5).map((line) => line.slice(0, 500))];
  return [
    `${file}: the templates do something else than the snapshot. If that is meant, run npm run check:infra -- --write:`,
    ...resources,
  ];
}

/** Formats copies, all at once: the compiler starts slowly. */
async function differentWhenFormatted(program: string, files: readonly string[]): Promise<string[]> {
  const copies = await mkdtemp(join(tmpdir(), 'evenkeel-bicep-'));
  try {
    for (const file of files) {
      await mkdir(join(copies, dirname(file)), { recursive: true });
      await copyFile(join(root, file), join(copies, file));
    }
    for (const ending of ['bicep', 'bicepparam']) {
      await run(program, ['format', '--pattern', `${copies}/**/*.${ending}`]);
    }
    return files.filter((file) => readFileSync(join(copies, file), 'utf8') !== textOf(file));
  } finally {
    await rm(copies, { recursive: true });
  }
}

/** Snapshots are of one subscription and region; names and ids in them depend on these. */
const snapshotScope = [
  ...['--subscription-id', '00000000-0000-0000-0000-000000000001'],
  ...['--tenant-id', '00000000-0000-0000-0000-00000000000f'],
  ...['--location', 'westeurope', '--deployment-name', 'snapshot'],
];

/** @param mode `overwrite` writes the snapshots anew, for a change that is meant. */
export function bicepSteps(bicep: Found, mode: 'validate' | 'overwrite'): Step[] {
  const step = (name: string, check: (program: string) => Promise<Result>): Step => ({
    name,
    run: async () => ('why' in bicep ? { kind: 'leftOut', why: bicep.why } : check(bicep.program)),
  });
  return [
    step('bicep build', async (program) => {
      const findings: string[] = [];
      for (const file of templates) {
        const { code, err } = await run(program, ['build', join(root, file), '--stdout']);
        findings.push(...findingsIn(err), ...(code === 0 ? [] : [`${file}: bicep build ended with ${code}`]));
      }
      return resultOf(findings, templates.join(', '));
    }),
    step('bicep lint', async (program) => {
      // The modules too: the linter sees through a reference only what is used.
      const { code, out, err } = await run(program, ['lint', '--pattern', `${root}/infra/**/*.bicep`]);
      const ended = code === 0 ? [] : [`bicep lint ended with ${code}`];
      return resultOf([...findingsIn(out + err), ...ended], `${filesIn('infra', '.bicep').length} files`);
    }),
    step('bicep format', async (program) => {
      const files = ['infra', snapshotFolder, refusedFolder].flatMap((folder) => [
        ...filesIn(folder, '.bicep'),
        ...filesIn(folder, '.bicepparam'),
      ]);
      const different = await differentWhenFormatted(program, files);
      return resultOf(
        different.map((file) => `${file}: bicep format would change it`),
        `${files.length} files`,
      );
    }),
    step('bicep build-params', async (program) => {
      const file = 'infra/connect.bicepparam';
      const env = { ...process.env, ...outputs };
      const { code, err } = await run(program, ['build-params', join(root, file), '--stdout'], env);
      const ended = code === 0 ? [] : [`${file}: bicep build-params ended with ${code}`];
      return resultOf([...findingsIn(err), ...ended], file);
    }),
    step(`bicep snapshot --mode ${mode}`, async (program) => {
      const files = filesIn(snapshotFolder, '.bicepparam');
      const findings: string[] = [];
      for (const file of files) {
        const args = ['snapshot', join(root, file), '--mode', mode, ...snapshotScope];
        const { code, out, err } = await run(program, args);
        if (code !== 0) findings.push(...differencesIn(file, `${out}\n${err}`));
        else findings.push(...findingsIn(err));
      }
      return resultOf(findings, files.map((file) => basename(file, '.bicepparam')).join(', '));
    }),
    step('bicep snapshot of what is refused', async (program) => {
      const files = filesIn(refusedFolder, '.bicepparam');
      const findings: string[] = [];
      for (const file of files) {
        const expected = textOf(file).split('\n', 1)[0]?.replace('// ', '') ?? '';
        const { code, out, err } = await run(program, ['snapshot', join(root, file), ...snapshotScope]);
        if (code === 0)
          await rm(join(root, file.replace(/\.bicepparam$/, '.snapshot.json')), { force: true });
        const said = `${out} ${err}`.replace(/\s+/g, ' ');
        if (code === 0 || !said.includes(expected))
          findings.push(
            `${file}: expected to be refused with "${expected}", got ${code}: ${said.slice(0, 500)}`,
          );
      }
      return resultOf(findings, files.map((file) => basename(file, '.bicepparam')).join(', '));
    }),
  ];
}
