import { copyFile, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import * as v from 'valibot';
import { type Ended, run } from '../../../scripts/check-infra/program.ts';
import outputs from '../../infra/snapshots/outputs.json' with { type: 'json' };

export const hooks = join(import.meta.dirname, '../../../infra/hooks');

const worldSchema = v.object({
  calls: v.array(v.array(v.string())),
  /** Deployments that fail before one succeeds. */
  failures: v.number(),
  /** Event subscriptions whose validation finds a cold app. */
  coldValidations: v.number(),
  /** What a deployment creates. */
  creates: v.array(v.string()),
  deployments: v.array(v.looseObject({ name: v.string() })),
  /** State of each, by its id. */
  resources: v.record(v.string(), v.string()),
  /** Ids that cannot be deleted. */
  locked: v.array(v.string()),
  /** The running app's settings; null before there is one. */
  settings: v.nullable(v.record(v.string(), v.string())),
});
export type World = v.InferOutput<typeof worldSchema>;

/** An Azure, as the hooks' `az` finds it, that lasts over several hooks. */
export async function fakeAzure(initial: Partial<World>) {
  const directory = await mkdtemp(join(tmpdir(), 'evenkeel-hook-'));
  const file = join(directory, 'world.json');
  await symlink(join(import.meta.dirname, 'fake-az.mjs'), join(directory, 'az'));
  const write = (world: World) => writeFile(file, JSON.stringify(world));
  const read = async (): Promise<World> => v.parse(worldSchema, JSON.parse(await readFile(file, 'utf8')));
  await write({
    ...{ calls: [], failures: 0, coldValidations: 0, creates: [], deployments: [] },
    ...{ resources: {}, locked: [], settings: null },
    ...initial,
  });
  const environment = (more: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
    ...process.env,
    ...outputs,
    AZURE_SUBSCRIPTION_ID: '00000000-0000-0000-0000-000000000001',
    AZURE_LOCATION: 'westeurope',
    EVENKEEL_HOOK_PAUSE_SECONDS: '0',
    FAKE_AZ_WORLD: file,
    PATH: `${directory}${delimiter}${process.env['PATH'] ?? ''}`,
    ...more,
  });
  return {
    read,
    change: async (change: Partial<World>) => write({ ...(await read()), ...change }),
    run: (program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
      run(program, args, environment(env)),
    /** Runs the hook over parameters of its own. */
    async keepConfiguration(parameters: unknown, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
      const copy = join(directory, 'infra/hooks/keep-configuration.mjs');
      await mkdir(dirname(copy), { recursive: true });
      for (const name of ['keep-configuration.mjs', 'azure-cli.mjs'])
        await copyFile(join(hooks, name), join(dirname(copy), name));
      await writeFile(join(directory, 'infra/main.parameters.json'), JSON.stringify({ parameters }));
      return run(process.execPath, [copy], environment(env));
    },
  };
}
