/**
 * `npm run build`: writes `dist/`, which the Functions runtime loads here and in Azure, and `bin/`, the command
 * `evenkeel`.
 *
 * `dist/` has one entry for the host, one for the audit's thread, and chunks that are loaded on demand, so that a
 * function pays only for the SDKs that it uses. `bin/` does the same for each command, and keeps the help of the whole
 * as text. See decision 13.
 */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { appCommands } from '../src/cli/app-commands.ts';
import { helpTexts } from '../src/cli/help-texts.ts';
import { statusPagePlugin } from './status-page/build.ts';

const root = join(import.meta.dirname, '..');

/**
 * Takes `node:http`, `node:https` and `node:net` by `require`, also where a module imports them. An import reads each of
 * their exports, one of which loads all of undici: 30 ms of each start. A lazy import stays: it would get no named exports.
 */
const requireHttp: Plugin = {
  name: 'require-http',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?(https?|net)$/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'require-http' } : undefined,
    );
    onLoad({ filter: /^/, namespace: 'require-http' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)})`,
    }));
  },
};

/**
 * Loads the agents for proxies when the SDKs' pipeline first makes one, which it does where `HTTPS_PROXY` or its like is
 * set. With `debug`, which they bring, they take 3 ms of a start.
 */
const lazyProxyAgents: Plugin = {
  name: 'lazy-proxy-agents',
  setup({ onResolve, onLoad }) {
    const agents: Readonly<Record<string, string>> = {
      'http-proxy-agent': 'HttpProxyAgent',
      'https-proxy-agent': 'HttpsProxyAgent',
    };
    onResolve({ filter: /^https?-proxy-agent$/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'lazy-proxy-agent' } : undefined,
    );
    onLoad({ filter: /^/, namespace: 'lazy-proxy-agent' }, ({ path }) => ({
      // Called with `new`, a function that returns an object gives that object.
      contents: `export function ${agents[path]}(...args) { return new (require('${path}').${agents[path]})(...args); }`,
      resolveDir: root,
    }));
  },
};

/** For so long, leftovers of earlier builds stay. */
const keptMs = 24 * 60 * 60 * 1000;

/**
 * Loads `node:child_process` when commander first starts a program, which ours never do: 9 ms of each start of a command.
 */
const lazyChildProcess: Plugin = {
  name: 'lazy-child-process',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]commander[\\/]lib[\\/]command\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const eager = "const childProcess = require('node:child_process');";
      if (!text.includes(eager)) throw new Error(`${path} loads node:child_process in another way`);
      const lazy = "const childProcess = { get spawn() { return require('node:child_process').spawn; } };";
      return { contents: text.replace(eager, lazy) };
    });
  },
};

/** What the app starts with and loads with the first invocation. */
const startFiles = ['src/main.ts', 'src/compose.ts'];
/** The functions by what is loaded together. */
const functionFiles = ['src/composition/dns.ts', 'src/composition/registries.ts'];
/** What each event of DNS reads with. */
const readerFile = 'src/azure/arm/resource-reads.ts';

/**
 * Keeps what the app starts with in one chunk, what its functions share in a second one, and what those of DNS do, what
 * those of registries do, and what reads from Resource Manager, in one each. esbuild makes a chunk of the modules that the
 * same entries need, which cuts these into some eighty files, each of which takes most of a millisecond to load. So here
 * whatever is loaded on demand needs all of the first two, and all of another when it needs a part of it. The SDKs stay
 * apart.
 */
const fewChunks: Plugin = {
  name: 'few-chunks',
  async setup({ onResolve, onLoad }) {
    const neededBy = await chunksOfModules();
    onResolve({ filter: /^\.|sweep-worker/ }, ({ kind, path, importer, resolveDir }) =>
      (kind === 'entry-point' && path.endsWith('sweep-worker.ts')) ||
      (kind === 'dynamic-import' && importer.startsWith(join(root, 'src')))
        ? { path: relative(root, resolve(resolveDir, path)), namespace: 'on-demand' }
        : undefined,
    );
    onLoad({ filter: /^/, namespace: 'on-demand' }, ({ path }) => ({
      contents: [
        `export * from ${JSON.stringify(join(root, path))};`,
        ...neededBy(path).map((module) => `import ${JSON.stringify(join(root, module))};`),
      ].join(''),
      resolveDir: root,
    }));
  },
};

/** @returns the modules that have to be loaded with a module, by paths from the top of the repository. */
async function chunksOfModules(): Promise<(path: string) => string[]> {
  const { metafile } = await build({
    ...shared,
    entryPoints: [...startFiles, 'src/sweep-worker.ts'],
    outdir: 'dist',
    packages: 'external',
    external: ['evenkeel:*'],
    splitting: true,
    metafile: true,
    write: false,
  });
  const loadedWith = (path: string, loaded = new Set<string>()): Set<string> => {
    if (loaded.has(path)) return loaded;
    loaded.add(path);
    for (const { path: imported, kind, external } of metafile.inputs[path]?.imports ?? [])
      if (kind === 'import-statement' && external !== true) loadedWith(imported, loaded);
    return loaded;
  };
  const started = startFiles.map((file) => loadedWith(file));
  const kinds = functionFiles.map((file) => loadedWith(file));
  const common = new Set(started.flatMap((loaded) => [...loaded]));
  const [first = new Set<string>(), ...others] = kinds;
  for (const path of first) if (others.every((kind) => kind.has(path))) common.add(path);
  // Functions are registered in `main.js` alone.
  const isShareable = (path: string) =>
    path.endsWith('.ts') && !['src/main.ts', 'src/functions/triggers.ts'].includes(path);
  return (path) => {
    const own = [...loadedWith(path)].filter((one) => !common.has(one));
    const withKinds = [...kinds, loadedWith(readerFile)].filter((kind) => own.some((one) => kind.has(one)));
    return [...new Set([...common, ...withKinds.flatMap((kind) => [...kind])])].filter(isShareable);
  };
}

const shared = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  chunkNames: 'chunks/[name]-[hash]',
  // Identifiers are not minified, so names in stacks stay. `keepNames` would keep them at a cost of 4 % a webhook.
  minifySyntax: true,
  minifyWhitespace: true,
  // Its CommonJS would bring a second copy of what all SDKs share.
  alias: { '@azure/arm-containerinstance': '@azure/arm-containerinstance/dist-esm/src/index.js' },
  // Some bundled packages are CommonJS and `require` Node's own modules.
  banner: {
    js: "import{createRequire as __evenkeelRequire}from'node:module';const require=__evenkeelRequire(import.meta.url);",
  },
  logLevel: 'warning',
  absWorkingDir: root,
} as const satisfies BuildOptions;

/** Builds the app. Returns what went into which file, by paths from the top of the repository. */
export async function buildApp(outdir: string): Promise<Metafile> {
  const page = statusPagePlugin();
  const metafile = await buildInto(outdir, {
    entryPoints: { main: 'src/main.ts', 'sweep-worker': 'src/sweep-worker.ts' },
    target: 'node22',
    sourcemap: true,
    sourcesContent: false,
    // The host provides this module to the process; it is no package.
    external: ['@azure/functions-core'],
    plugins: [fewChunks, page.plugin],
  });
  return page.opened(metafile);
}

/**
 * The files of the command beside its entry. CommonJS is loaded in half the time of modules of the same size, so it is
 * what the commands of every minute come in. Whatever needs an SDK comes in modules, of which each command loads its own.
 */
const commandFiles = {
  'run-plain-status': 'cjs',
  'run-app-command': 'cjs',
  'run-command-line': 'mjs',
} as const;

/** Leaves the files of the command to be loaded when they are needed. */
const commandFilesApart: Plugin = {
  name: 'command-files-apart',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/run-[a-z-]+\.ts$/ }, ({ path, kind }) => {
      if (kind !== 'dynamic-import') return undefined;
      const name = basename(path, '.ts');
      if (!isCommandFile(name)) return undefined;
      const file = `./${name}.${commandFiles[name]}`;
      return commandFiles[name] === 'cjs'
        ? { path: file, namespace: 'command-file' }
        : { path: file, external: true };
    });
    // An external import() would go through the loader of modules.
    onResolve({ filter: /^/, namespace: 'command-file' }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /^/, namespace: 'command-file' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)})`,
    }));
  },
};

const isCommandFile = (name: string): name is keyof typeof commandFiles => Object.hasOwn(commandFiles, name);

/** Leaves out what other commands run: the program declares only the command that is named. */
const appCommandsOnly: Plugin = {
  name: 'app-commands-only',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/run\.ts$/ }, ({ path, importer }) =>
      appCommands.includes(basename(dirname(importer))) ? undefined : { path, external: true },
    );
  },
};

/** Builds the command. Pipelines run it with the Node.js that they have. */
export async function buildCommand(outdir: string): Promise<Metafile> {
  const { plain, colored } = await helpTexts();
  const common: BuildOptions = { target: 'node20', plugins: [lazyChildProcess] };
  const commonJs: BuildOptions = { ...common, format: 'cjs', splitting: false, banner: {} };
  // `evenkeel.js` is CommonJS, whatever the package around it holds.
  await replaceFile(resolve(root, outdir, 'package.json'), Buffer.from('{ "type": "commonjs" }\n'));
  return buildInto(
    outdir,
    {
      ...common,
      entryPoints: { 'run-command-line': 'src/cli/run-command-line.ts' },
      outExtension: { '.js': '.mjs' },
    },
    {
      ...commonJs,
      entryPoints: { evenkeel: 'src/cli/main.ts' },
      define: { builtHelp: JSON.stringify(plain), builtColoredHelp: JSON.stringify(colored) },
      plugins: [commandFilesApart],
    },
    {
      ...commonJs,
      entryPoints: ['src/cli/run-plain-status.ts', 'src/cli/run-app-command.ts'],
      outExtension: { '.js': '.cjs' },
      plugins: [lazyChildProcess, appCommandsOnly],
    },
  );
}

/** Bundles the local host, which then starts in three fifths of the time. The tests start it some 200 times. */
export const buildHost = (outdir: string): Promise<Metafile> =>
  buildInto(outdir, {
    entryPoints: { main: 'local/host/main.ts', 'functions-core': 'local/host/functions-core.ts' },
    target: 'node24',
  });

/** A file that a build is writing, and the manifest of `bin/`. */
const kept = /\.\d+\.draft$|[\\/]package\.json$/;

if (import.meta.main) {
  await buildApp('dist');
  await buildCommand('bin');
}

/**
 * Puts what was built in the place of what was there, file by file. A process may be running from the folder: a file
 * that stays the same is not touched, and no file is ever half there. Leftovers go a day later. Returns what went into
 * the files of the first build.
 */
async function buildInto(outdir: string, ...builds: readonly [BuildOptions, ...BuildOptions[]]) {
  const run = ({ plugins = [], ...options }: BuildOptions) =>
    build({
      ...shared,
      ...options,
      plugins: [requireHttp, lazyProxyAgents, ...plugins],
      outdir,
      metafile: true,
      write: false,
    });
  const [first, ...others] = builds;
  const { metafile, outputFiles: firstFiles } = await run(first);
  const results = await Promise.all(others.map(run));
  const outputFiles = [...firstFiles, ...results.flatMap((one) => one.outputFiles)];
  const built = new Set(outputFiles.map(({ path }) => path));
  await Promise.all(outputFiles.map(({ path, contents }) => replaceFile(path, contents)));
  for (const entry of await readdir(resolve(root, outdir), { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && !built.has(file) && !kept.test(file) && (await isOld(file)))
      await rm(file, { force: true });
  }
  return metafile;
}

/** A process that runs from the folder loads its chunks when it needs them, so that those of the last builds stay. */
async function isOld(file: string): Promise<boolean> {
  const { mtimeMs } = await stat(file);
  return Date.now() - mtimeMs > keptMs;
}

async function replaceFile(path: string, contents: Uint8Array): Promise<void> {
  const existing = await readFile(path).catch(() => undefined);
  if (existing?.equals(contents)) return;
  await mkdir(dirname(path), { recursive: true });
  const isScript = contents[0] === 0x23 && contents[1] === 0x21;
  const next = `${path}.${process.pid}.draft`;
  await writeFile(next, contents, { mode: isScript ? 0o755 : 0o644 });
  await rename(next, path);
}
