/** `npm run test:func`: the end-to-end tests under the real Functions host, for those who have Core Tools. */
import { spawn, spawnSync } from 'node:child_process';

const program = process.env['EVENKEEL_FUNC'] ?? 'func';
if (spawnSync(program, ['--version']).status !== 0) {
  process.stderr.write(
    `${program} does not run. Install Azure Functions Core Tools 4, or name its program by EVENKEEL_FUNC:\n` +
      'https://learn.microsoft.com/azure/azure-functions/functions-run-local\n',
  );
  process.exit(1);
}
const chosen = process.argv.slice(2);
const tests = chosen.length === 0 ? ['test/e2e'] : chosen;
spawn('vitest', ['run', '--config', 'test/vitest.config.ts', ...tests], {
  stdio: 'inherit',
  env: { ...process.env, EVENKEEL_E2E_HOST: 'func' },
}).once('close', (code) => process.exit(code ?? 1));
