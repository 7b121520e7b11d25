import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { parse } from 'yaml';
import { machineNode } from '../e2e/built-command.ts';

interface StepResult {
  readonly exitCode: number | null;
  /** Both outputs, as a log of a pipeline shows them. */
  readonly log: string;
  /** What the step set for later ones. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** Runs a script in bash, in an empty directory, with nothing of this process in its environment. */
async function runBash(script: string, flags: readonly string[], env: Readonly<Record<string, string>>) {
  const directory = await mkdtemp(join(tmpdir(), 'evenkeel-step-'));
  const file = join(directory, 'step.sh');
  await writeFile(file, script);
  const child = spawn('bash', [...flags, file], {
    cwd: directory,
    env: { PATH: `${dirname(machineNode)}:${process.env['PATH']}`, HOME: directory, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  await rm(directory, { recursive: true });
  return { exitCode, log: stdout + stderr };
}

/** Replaces `${{ … }}`, as both services do before anything runs. */
function evaluate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\$\{\{ *([\w.-]+) *\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`nothing is known of ${name}`);
    return value;
  });
}

const scalar = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String));

const actionSchema = v.object({
  inputs: v.record(
    v.string(),
    v.strictObject({
      description: v.string(),
      required: v.optional(v.boolean()),
      default: v.optional(v.string()),
    }),
  ),
  outputs: v.record(v.string(), v.strictObject({ description: v.string(), value: v.string() })),
  runs: v.strictObject({
    using: v.literal('composite'),
    steps: v.tuple([
      v.strictObject({
        id: v.string(),
        shell: v.literal('bash'),
        env: v.record(v.string(), v.string()),
        run: v.string(),
      }),
    ]),
  }),
});

const readAction = async (directory: string) =>
  v.parse(actionSchema, parse(await readFile(join(directory, 'action.yml'), 'utf8')));

/**
 * Runs a composite action as GitHub's runner does.
 * https://docs.github.com/actions/sharing-automations/creating-actions/metadata-syntax-for-github-actions
 * @param directory where the action is.
 */
export async function runAction(
  directory: string,
  inputs: Readonly<Record<string, string>>,
): Promise<StepResult> {
  const action = await readAction(directory);
  const values: Record<string, string> = {};
  for (const [name, { required, default: standard }] of Object.entries(action.inputs)) {
    const value = inputs[name] ?? standard;
    if (value === undefined && required) throw new Error(`the input ${name} is required`);
    values[`inputs.${name}`] = value ?? '';
  }
  const [step] = action.runs.steps;
  const outputFile = join(await mkdtemp(join(tmpdir(), 'evenkeel-output-')), 'output');
  await writeFile(outputFile, '');
  const env = Object.fromEntries(
    Object.entries(step.env).map(([name, template]) => [name, evaluate(template, values)]),
  );
  // https://docs.github.com/actions/writing-workflows/workflow-syntax-for-github-actions#jobsjob_idstepsshell
  const { exitCode, log } = await runBash(step.run, ['--noprofile', '--norc', '-eo', 'pipefail'], {
    ...env,
    GITHUB_ACTION_PATH: directory,
    GITHUB_OUTPUT: outputFile,
  });
  const set = (await readFile(outputFile, 'utf8')).trim().split('\n').filter(Boolean);
  await rm(dirname(outputFile), { recursive: true });
  const ofSteps = Object.fromEntries(
    set.map((line) => [`steps.${step.id}.outputs.${line.split('=')[0]}`, line.replace(/^[^=]*=/, '')]),
  );
  const outputs = Object.fromEntries(
    Object.entries(action.outputs).map(([name, { value }]) => [
      name,
      evaluate(value, { ...missing(value), ...ofSteps }),
    ]),
  );
  return { exitCode, log, outputs };
}

/** What was not set is empty. */
const missing = (template: string): Record<string, string> =>
  Object.fromEntries([...template.matchAll(/\$\{\{ *([\w.-]+) *\}\}/g)].map(([, name]) => [`${name}`, '']));

const templateSchema = v.strictObject({
  parameters: v.array(
    v.strictObject({
      name: v.string(),
      type: v.picklist(['string', 'boolean']),
      default: v.optional(v.union([v.string(), v.boolean()])),
      values: v.optional(v.array(v.string())),
    }),
  ),
  steps: v.tuple([
    v.strictObject({
      task: v.literal('UseNode@1'),
      displayName: v.string(),
      inputs: v.object({ version: scalar }),
    }),
    v.strictObject({
      bash: v.string(),
      name: v.string(),
      displayName: v.string(),
      env: v.record(v.string(), v.string()),
    }),
  ]),
});

/**
 * Runs the script step of the template for Azure Pipelines as its agent does.
 * https://learn.microsoft.com/azure/devops/pipelines/process/template-parameters
 * @param variables replace macros such as `$(evenkeelKey)`.
 * @param npmCache kept from step to step, as an agent keeps its own.
 */
export async function runTemplate(
  file: string,
  given: Readonly<Record<string, string | boolean>>,
  variables: Readonly<Record<string, string>>,
  npmCache: string,
): Promise<StepResult> {
  const template = v.parse(templateSchema, parse(await readFile(file, 'utf8')));
  const values: Record<string, string> = {};
  for (const { name, default: standard, values: choices } of template.parameters) {
    const value = given[name] ?? standard;
    if (value === undefined) throw new Error(`a value for the parameter ${name} must be provided`);
    if (choices !== undefined && !choices.includes(String(value)))
      throw new Error(`${name} is none of its values`);
    // The service writes booleans with a capital.
    values[`parameters.${name}`] = typeof value === 'boolean' ? (value ? 'True' : 'False') : value;
  }
  const [, step] = template.steps;
  const env = Object.entries(step.env).map(([name, text]) => {
    const evaluated = evaluate(text, values);
    // A macro without a variable stays as it is.
    return [
      name,
      evaluated.replace(/\$\((\w+)\)/g, (macro, variable: string) => variables[variable] ?? macro),
    ];
  });
  const { exitCode, log } = await runBash(step.bash, ['--noprofile', '--norc'], {
    ...Object.fromEntries(env),
    npm_config_cache: npmCache,
  });
  const set = [...log.matchAll(/##vso\[task\.setvariable variable=(\w+);isOutput=true\](.*)/g)];
  return { exitCode, log, outputs: Object.fromEntries(set.map(([, name, value]) => [name, value])) };
}
