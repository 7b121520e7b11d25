import { parseAst } from 'vite';

/** A small change of a source file that a test should notice. */
export interface Mutation {
  /** From the top of the repository. */
  readonly file: string;
  readonly line: number;
  /** Offsets of the text that is replaced. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** What each operator is exchanged for. */
const otherOperator: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '&&': '||',
  '||': '&&',
};

/** What each method is exchanged for. */
const otherMethod: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  min: 'max',
  max: 'min',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
};

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [property: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && 'start' in value && 'end' in value;

/** The values of these are walked, and their types are not. */
const typed = new Set(['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression']);

/**
 * Every mutation of a source file, in the order of its text.
 *
 * | in the source                     | becomes                    |
 * |-----------------------------------|----------------------------|
 * | an operator that compares, counts | its neighbour              |
 * | or joins conditions               |                            |
 * | `!a`                              | `a`                        |
 * | `a ?? b`                          | `a`                        |
 * | the condition of `if` and `?`     | `true`, and `false`        |
 * | `true`                            | `false`, and the reverse   |
 * | a statement that calls or assigns | nothing, unless it logs    |
 * | `some`, `min`, `startsWith`       | `every`, `max`, `endsWith` |
 */
export function mutationsOf(file: string, source: string): Mutation[] {
  const found: Mutation[] = [];
  const textOf = ({ start, end }: Node): string => source.slice(start, end);
  const add = (start: number, end: number, replacement: string) =>
    found.push({ file, line: source.slice(0, start).split('\n').length, start, end, replacement });
  const addOperator = (left: Node, right: Node, operator: string, replacement: string) => {
    const start = source.indexOf(operator, left.end);
    if (start !== -1 && start < right.start) add(start, start + operator.length, replacement);
  };

  function mutate(node: Node): void {
    const { type, left, right, test, argument, expression, property } = node;
    if ((type === 'BinaryExpression' || type === 'LogicalExpression') && isNode(left) && isNode(right)) {
      const operator = String(node['operator']);
      const other = otherOperator[operator];
      if (operator === '??') add(node.start, node.end, `(${textOf(left)})`);
      else if (other !== undefined && !(operator === '+' && [left, right].some(isText)))
        addOperator(left, right, operator, other);
    }
    if (type === 'UnaryExpression' && node['operator'] === '!' && isNode(argument))
      add(node.start, node.end, `(${textOf(argument)})`);
    if ((type === 'IfStatement' || type === 'ConditionalExpression') && isNode(test))
      for (const replacement of ['true', 'false']) add(test.start, test.end, replacement);
    if (type === 'Literal' && typeof node['value'] === 'boolean')
      add(node.start, node.end, String(!node['value']));
    if (type === 'ExpressionStatement' && isNode(expression) && !/^(await )?\w*log\b/i.test(textOf(node)))
      add(node.start, node.end, ';');
    if (type === 'MemberExpression' && isNode(property)) {
      const other = otherMethod[textOf(property)];
      if (other !== undefined && source[property.end] === '(') add(property.start, property.end, other);
    }
  }

  function walk(node: Node): void {
    if (node.type === 'ImportDeclaration') return;
    if (node.type.startsWith('TS')) {
      if (typed.has(node.type) && isNode(node['expression'])) walk(node['expression']);
      return;
    }
    mutate(node);
    for (const value of Object.values(node)) {
      if (isNode(value)) walk(value);
      else if (Array.isArray(value)) for (const one of value) if (isNode(one)) walk(one);
    }
  }

  for (const statement of parseAst(source, { lang: 'ts' }).body) walk({ ...statement });
  return found.toSorted((a, b) => a.start - b.start);
}

const isText = ({ type, value }: Node): boolean =>
  type === 'TemplateLiteral' || (type === 'Literal' && typeof value === 'string');
