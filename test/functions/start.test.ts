import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';

const dist = new URL('../../dist/', import.meta.url);
const mapSchema = v.object({ sources: v.array(v.string()) });

/** A built file and what is loaded with it at once, without what is loaded on demand. */
function loadedWith(file: URL, loaded: Set<string> = new Set()): Set<string> {
  if (loaded.has(file.href)) return loaded;
  loaded.add(file.href);
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import)"(\.[^"]+\.js)"/g))
    loadedWith(new URL(path, file), loaded);
  return loaded;
}

/** The file that these load on demand, by the name of its source. */
function onDemand(name: string, from: ReadonlySet<string>): URL {
  for (const file of from) {
    const [, path] =
      new RegExp(`import\\("(\\./[^"]*\\b${name}-\\w{8}\\.js)"\\)`).exec(
        readFileSync(new URL(file), 'utf8'),
      ) ?? [];
    if (path !== undefined) return new URL(path, file);
  }
  throw new Error(`no file loads ${name}`);
}

/** The packages and the folders of `src/` whose code is in these files. */
function sourcesOf(files: ReadonlySet<string>): { packages: string[]; folders: string[] } {
  const sources = [...files].flatMap(
    (file) => v.parse(mapSchema, JSON.parse(readFileSync(new URL(`${file}.map`), 'utf8'))).sources,
  );
  const named = (pattern: RegExp) =>
    [...new Set(sources.flatMap((source) => pattern.exec(source)?.[1] ?? []))].toSorted();
  return {
    packages: named(/.*node_modules\/((?:@[^/]+\/)?[^/]+)\//),
    folders: named(/^(?:\.\.\/)+src\/([^/]+)\//),
  };
}

const start = loadedWith(new URL('main.js', dist));

describe('the built app', () => {
  it('starts without an SDK, and without what its functions do', () => {
    const { packages, folders } = sourcesOf(start);
    // That of the functions comes with a source map of its own.
    expect(packages).toEqual(['cookie', 'iso8601-duration', 'json-cst', 'json-lexer', 'valibot']);
    // The settings are parsed by those whom they concern.
    expect(folders).toEqual(['dns', 'functions', 'lib', 'registries', 'settings', 'telemetry']);
  });

  it("reads for the first event of DNS with the SDKs' pipeline, and loads neither their clients nor the other jobs", () => {
    const compose = loadedWith(onDemand('compose', start));
    const functions = loadedWith(onDemand('dns', compose), compose);
    const adapters = ['container-groups', 'record-sets'].map((name) => onDemand(name, functions));
    const loaded = new Set(adapters.reduce((all, adapter) => loadedWith(adapter, all), functions));
    const { packages, folders } = sourcesOf(new Set([...loaded].filter((file) => !start.has(file))));
    expect(packages).toEqual([
      '@azure/abort-controller',
      '@azure/core-rest-pipeline',
      '@azure/core-tracing',
      '@azure/core-util',
      '@azure/logger',
      '@opentelemetry/api',
      '@typespec/ts-http-runtime',
      // The agents for proxies and what they bring, which are evaluated where there is a proxy.
      ...['agent-base', 'debug', 'has-flag', 'http-proxy-agent', 'https-proxy-agent', 'ms', 'supports-color'],
    ]);
    expect(folders).toEqual([
      'azure',
      'composition',
      'dns',
      'events',
      'functions',
      'lib',
      'signals',
      'status',
      'telemetry',
    ]);
  });
});
