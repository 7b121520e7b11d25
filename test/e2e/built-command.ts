import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const command = join(import.meta.dirname, '../../bin/evenkeel.js');
/** The Node.js of the machine, where it has one: whoever installs the command does not have ours. */
export const machineNode = existsSync('/usr/bin/node') ? '/usr/bin/node' : process.execPath;

/** Runs the built command in a process of its own, as a pipeline does. */
export async function runBuiltCommand(app: string, args: readonly string[]) {
  const env = { PATH: process.env['PATH'], EVENKEEL_APP: app };
  const child = spawn(machineNode, [command, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { exitCode, stdout, stderr };
}
