/** Programs of Microsoft's that are published as NuGet packages, and can be had wherever there is a .NET SDK. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { exists, run } from './program.ts';

/** `program` is where to start the tool; `why` is why there is none. */
export type Found = { readonly program: string } | { readonly why: string };

/** Kept over runs, so that a machine loads each version once. */
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'evenkeel-tools');

/** `dotnet package download` is a command of the .NET SDK 10. */
const noSdk = 'there is no .NET SDK 10 to load it with (dotnet package download)';

/** The Bicep compiler. Its package holds one program, which needs no .NET to run. */
export const bicepPackage = {
  id: 'azure.bicep.commandline.linux-x64',
  version: '0.49.2',
  sha512:
    '9019d7d221bdc1dfcf59d093c057d4be6e897a69fee4beec63b6fb1d08b993e2cbc1d166adbc38cb94532c5c5ec0214c741a944e188e20b31aeec8339253c401',
};

/**
 * The compiler that `EVENKEEL_BICEP` names, or that of the package in this version, loaded once and compared with its
 * hash.
 */
export async function findBicep(env: NodeJS.ProcessEnv): Promise<Found> {
  const named = env['EVENKEEL_BICEP'];
  if (named !== undefined && named !== '') return { program: named };
  const { id, version, sha512 } = bicepPackage;
  const folder = join(cache, id, version);
  const program = join(folder, 'tools/bicep');
  if (existsSync(program)) return { program };
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { why: 'set EVENKEEL_BICEP to the compiler of this platform' };
  if (!(await hasSdk())) return { why: noSdk };

  const part = `${cache}/part-${process.pid}`;
  await mkdir(part, { recursive: true });
  try {
    const loaded = await dotnet(['package', 'download', `${id}@${version}`, '--output', part]);
    if (loaded.code !== 0) return { why: `the package could not be loaded: ${loaded.err || loaded.out}` };
    const found = join(part, id, version);
    const hash = createHash('sha512');
    await pipeline(createReadStream(join(found, `${id}.${version}.nupkg`)), hash);
    const digest = hash.digest('hex');
    if (digest !== sha512) throw new Error(`${id} ${version} has the SHA-512 ${digest}, expected ${sha512}`);
    await chmod(join(found, 'tools/bicep'), 0o755);
    await mkdir(join(cache, id), { recursive: true });
    // Another run may have been faster.
    await rename(found, folder).catch((error: unknown) => {
      if (!existsSync(program)) throw error;
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return { program };
}

/** PowerShell: the machine's own, or that of the package, installed once. */
export async function findPowerShell(env: NodeJS.ProcessEnv): Promise<Found> {
  const named = env['EVENKEEL_PWSH'];
  if (named !== undefined && named !== '') return { program: named };
  if (await exists('pwsh', ['-NoLogo', '-NoProfile', '-Version'])) return { program: 'pwsh' };
  const version = '7.6.9';
  const folder = join(cache, 'powershell', version);
  const program = join(folder, 'pwsh');
  if (existsSync(program)) return { program };
  if (!(await hasSdk())) return { why: noSdk };
  const installed = await dotnet([
    'tool',
    'install',
    'PowerShell',
    '--version',
    version,
    '--tool-path',
    folder,
  ]);
  return installed.code === 0
    ? { program }
    : { why: `it could not be installed: ${installed.err || installed.out}` };
}

/** Without servers that stay behind, and hold the output of this process open. */
const dotnet = (args: readonly string[]) =>
  run('dotnet', args, {
    ...process.env,
    MSBUILDDISABLENODEREUSE: '1',
    DOTNET_CLI_USE_MSBUILD_SERVER: '0',
    DOTNET_CLI_TELEMETRY_OPTOUT: '1',
  });

async function hasSdk(): Promise<boolean> {
  try {
    const { code, out } = await dotnet(['--version']);
    return code === 0 && Number.parseInt(out, 10) >= 10;
  } catch {
    return false;
  }
}
