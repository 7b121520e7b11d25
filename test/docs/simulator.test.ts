import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultContainerGroupBehaviour } from '../../local/azure/container-groups/behaviour.ts';
import { defaultPrivateDnsBehaviour } from '../../local/azure/private-dns/behaviour.ts';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/simulator.md', root), 'utf8');
const source = readdirSync(new URL('local/azure/', root), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(new URL(`local/azure/${file}`, root), 'utf8'))
  .join('\n');
const known = [...source.matchAll(/\bname: '([A-Z]\w+_[A-Z]\w+)'/g)].map(([, name]) => name);
const named = [...page.matchAll(/`([A-Z][a-z]\w+_[A-Z]\w+)`/g)].map(([, name]) => name);

describe('docs/simulator.md', () => {
  it('names every operation that the simulator knows, and no other', () => {
    expect([...new Set(named)].sort()).toEqual([...new Set(known)].sort());
  });

  it('names every path of the control surface', () => {
    const paths = [...source.matchAll(/\['(?:GET|POST|DELETE)', '([a-z/-]+?)(?:\/:id)?',/g)].map(
      ([, path]) => path,
    );
    expect(paths.length).toBeGreaterThan(20);
    const isNamed = (path = '') =>
      page.includes(`/_sim/${path}`) || page.includes(`…/${path.split('/').at(-1)}\``);
    expect(paths.filter((path) => !isNamed(path))).toEqual([]);
  });

  it('names every kind of fault and of stale read', () => {
    const files = ['faults', 'stale-reads'].map((name) =>
      readFileSync(new URL(`local/azure/arm/${name}.ts`, root), 'utf8'),
    );
    const kinds = [...files.join('\n').matchAll(/readonly kind: '(\w+)'/g)].map(([, kind]) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['withheldBody', 'beforeLastWrite']));
    expect(kinds.filter((kind) => !page.includes(`\`${kind}\``))).toEqual([]);
  });

  it('names every option of the behaviour of container groups and zones', () => {
    const options = [defaultContainerGroupBehaviour, defaultPrivateDnsBehaviour].flatMap((behaviour) =>
      Object.keys(behaviour),
    );
    expect(options.filter((option) => !new RegExp(`[\`.]${option}\``).test(page))).toEqual([]);
  });
});
