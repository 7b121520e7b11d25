import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'evenkeel-clone-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('npx evenkeel in a clone', () => {
  it('runs what was built, and builds and installs nothing', async () => {
    const built = ['dist/main.js', 'bin/evenkeel.js'].map((file) => join(root, file));
    const times = () => Promise.all(built.map(async (file) => (await stat(file)).mtimeMs));
    const before = await times();
    // In an empty cache npx would have to install whatever it does not find in the clone.
    const env = { ...process.env, npm_config_cache: join(directory, 'cache'), npm_config_offline: 'true' };
    const { stdout } = await run('npx', ['evenkeel', '--version'], { cwd: root, env });
    expect(stdout).toBe(`${packageJson.version}\n`);
    expect(await times()).toEqual(before);
    await expect(stat(join(directory, 'cache/_npx'))).rejects.toThrow('ENOENT');
  });

  it('says in one line what to do where nothing was built', async () => {
    await cp(join(root, 'scripts/clone'), join(directory, 'scripts/clone'), { recursive: true });
    const ended = run(process.execPath, [join(directory, 'scripts/clone/evenkeel.js'), '--help']);
    await expect(ended).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: '✖ evenkeel is not built in this clone: run npm run build\n',
    });
  });
});
