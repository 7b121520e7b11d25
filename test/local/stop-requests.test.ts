import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const module = fileURLToPath(new URL('../../local/stop-requests.ts', import.meta.url));
const program = `
  import { onNpmGone } from ${JSON.stringify(module)};
  onNpmGone(() => { console.log('gone'); process.exit(); });
  setTimeout(() => { console.log('still here'); process.exit(); }, 700);
  console.log('watching');
`;

describe('a process that watches for the end of npm', () => {
  it.each([
    ['is told when the shell is gone that npm runs it in', { npm_lifecycle_event: 'azure' }, 'gone'],
    ['is told nothing when npm does not run it', {}, 'still here'],
  ])('%s', async (_, variables, last) => {
    const { npm_lifecycle_event: _event, ...env } = process.env;
    // The second command keeps the shell from becoming the first one.
    const script = '"$NODE" --input-type=module --eval "$PROGRAM"; true';
    const shell = spawn('sh', ['-c', script], {
      env: { ...env, NODE: process.execPath, PROGRAM: program, ...variables },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    for await (const line of createInterface({ input: shell.stdout })) {
      lines.push(line);
      if (line === 'watching') shell.kill('SIGTERM');
    }
    expect(lines).toEqual(['watching', last]);
  });
});
