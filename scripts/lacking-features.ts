import compatData from '@mdn/browser-compat-data' with { type: 'json' };
import type { BrowserName, Identifier, SupportStatement } from '@mdn/browser-compat-data';
import { type Expression, type Node, parse, type Super } from 'acorn';
import { full } from 'acorn-walk';

/** The oldest versions that have to run a script, by their names in MDN's data: `{ firefox: '115' }`. */
export type Targets = Readonly<Partial<Record<BrowserName, string>>>;

const { api } = compatData;
const builtins: Identifier = compatData.javascript['builtins'] ?? {};
const globals = [builtins, api];

/**
 * The globals, static members and methods that a script uses and a target lacks, each with the version that it came
 * with: `Map.groupBy: firefox 119`.
 *
 * A method is told by its name alone, so it counts only where nothing that has a method of this name is old enough.
 * Options and events are not looked at, nor is syntax, which esbuild translates.
 * https://github.com/mdn/browser-compat-data
 */
export function lackingFeatures(script: string, targets: Targets): string[] {
  const found = new Set<string>();
  const lackingMethods = new Map<string, Identifier | undefined>();
  const lackingMethod = (name: string): Identifier | undefined => {
    if (!lackingMethods.has(name)) lackingMethods.set(name, everyMethodLacks(name, targets));
    return lackingMethods.get(name);
  };
  const note = (name: string, feature: Identifier | undefined): void => {
    const lacking = feature === undefined ? [] : lackingTargets(feature, targets);
    if (lacking.length > 0) found.add(`${name}: ${lacking.join(', ')}`);
  };
  full(parse(script, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true }), (node) => {
    const use = useOf(node);
    if (use === undefined) return;
    const global = use.of === undefined ? undefined : member(globals, use.of);
    if (use.kind === 'global') note(use.of, global);
    else if (global !== undefined) note(`${use.of}.${use.name}`, staticMember(global, use.name));
    else if (use.isCalled) note(`.${use.name}()`, lackingMethod(use.name));
  });
  return [...found].sort();
}

type Use =
  | { readonly kind: 'global'; readonly of: string }
  | {
      readonly kind: 'member';
      readonly of: string | undefined;
      readonly name: string;
      readonly isCalled: boolean;
    };

function useOf(node: Node): Use | undefined {
  if (isNode(node, 'NewExpression') || isNode(node, 'CallExpression')) {
    const { callee } = node;
    if (callee.type === 'Identifier') return { kind: 'global', of: callee.name };
    const name = memberName(callee);
    return name === undefined ? undefined : { kind: 'member', ...name, isCalled: true };
  }
  const name = memberName(node);
  return name === undefined ? undefined : { kind: 'member', ...name, isCalled: false };
}

type Typed = Expression | Super;
const isNode = <T extends Typed['type']>(node: Node, type: T): node is Extract<Typed, { type: T }> =>
  node.type === type;

/** `of` is a name that begins with a capital letter: a class, and no variable. */
function memberName(node: Node): { of: string | undefined; name: string } | undefined {
  if (!isNode(node, 'MemberExpression') || node.computed || node.property.type !== 'Identifier') return;
  const { object, property } = node;
  const of = object.type === 'Identifier' && /^[A-Z]/.test(object.name) ? object.name : undefined;
  return { of, name: property.name };
}

const member = (groups: readonly Identifier[], name: string): Identifier | undefined =>
  groups.flatMap((group) => (Object.hasOwn(group, name) ? group[name] : undefined) ?? [])[0];

/** Only the interfaces of browsers mark what is static. */
const staticMember = (of: Identifier, name: string): Identifier | undefined =>
  member([of], `${name}_static`) ?? member([of], name);

/** The methods of every class by their names. */
const methods = new Map<string, Identifier[]>();
for (const type of [...globals, builtins['Intl'] ?? {}].flatMap((group) => Object.values(group))) {
  for (const [name, feature] of Object.entries(type))
    methods.set(name, [...(methods.get(name) ?? []), feature]);
}

/** @returns a method of this name, where none is old enough. */
function everyMethodLacks(name: string, targets: Targets): Identifier | undefined {
  const all = methods.get(name) ?? [];
  return all.every((feature) => lackingTargets(feature, targets).length > 0) ? all[0] : undefined;
}

function lackingTargets({ __compat: compat }: Identifier, targets: Targets): string[] {
  if (compat === undefined) return [];
  const support: Readonly<Record<string, SupportStatement>> = compat.support;
  return Object.entries(targets).flatMap(([name, oldest]) => {
    const known = support[name];
    const statements = known === undefined ? [] : Array.isArray(known) ? known : [known];
    const isThere = statements.some((statement) => {
      const {
        version_added: added,
        version_removed: removed,
        flags,
        prefix,
        alternative_name: other,
      } = statement;
      if (typeof added !== 'string' || (flags ?? prefix ?? other) !== undefined) return false;
      return !isOlder(oldest, added) && (typeof removed !== 'string' || isOlder(oldest, removed));
    });
    if (isThere || statements.length === 0) return [];
    return [`${name} ${statements[0]?.version_added || 'never'}`];
  });
}

/** Compares versions such as `16.4` and `≤13`; `preview` is newer than all. */
function isOlder(a: string, b: string): boolean {
  const [x, y] = [a, b].map((version) => version.replace('≤', '').split('.').map(Number));
  if (x === undefined || y === undefined || y.some(Number.isNaN)) return true;
  const at = [0, 1, 2].find((index) => (x[index] ?? 0) !== (y[index] ?? 0)) ?? 0;
  return (x[at] ?? 0) < (y[at] ?? 0);
}
