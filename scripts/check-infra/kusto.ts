/** Parses queries with Kusto's own parser, and binds their names to the columns that the tables have. */
import { createRequire } from 'node:module';
import * as v from 'valibot';
import { allQueries, type Query } from './queries.ts';
import { resultOf, type Step } from './step.ts';
import { tables } from './tables.ts';

/**
 * What is used of the language service. It was compiled from C# and its typings describe a global, with overloads by
 * number, so the few members are described here, where they are called.
 */
interface LanguageService {
  readonly KustoCode: {
    ParseAndAnalyze(text: string, globals: unknown): { GetDiagnostics(): Bridged<Diagnostic> };
  };
  readonly GlobalState: { readonly Default: { WithDatabase(database: unknown): unknown } };
  readonly Symbols: {
    /** Name, and columns as `(a: string, b: long)`. */
    readonly TableSymbol: { readonly $ctor7: new (name: string, schema: string) => unknown };
    readonly DatabaseSymbol: { readonly ctor: new (name: string, members: unknown[]) => unknown };
  };
}
interface Bridged<T> {
  readonly Count: number;
  getItem(index: number): T;
}
interface Diagnostic {
  readonly Code: string;
  readonly Severity: string;
  readonly Message: string;
  readonly Start: number;
}

const globalSchema = v.object({
  Kusto: v.object({
    Language: v.custom<LanguageService>(
      (value) => typeof value === 'object' && value !== null && 'KustoCode' in value,
    ),
  }),
});

/** Loads the package into the process: it is a script of its own kind, which puts one global. */
function languageService(): LanguageService {
  const require = createRequire(import.meta.url);
  require('@kusto/language-service-next/bridge.min.js');
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  return v.parse(globalSchema, globalThis).Kusto.Language;
}

/** What is wrong with each query, as a sentence with its place and line. */
export function queryFindings(
  queries: readonly Query[],
  schemas: Readonly<Record<string, readonly string[]>>,
): string[] {
  const { KustoCode, GlobalState, Symbols } = languageService();
  const database = new Symbols.DatabaseSymbol.ctor(
    'workspace',
    Object.entries(schemas).map(
      ([name, columns]) => new Symbols.TableSymbol.$ctor7(name, `(${columns.join(', ')})`),
    ),
  );
  const globals = GlobalState.Default.WithDatabase(database);
  return queries.flatMap(({ place, text }) => {
    const found = KustoCode.ParseAndAnalyze(text, globals).GetDiagnostics();
    return Array.from({ length: found.Count }, (_, index) => found.getItem(index))
      .filter(({ Severity }) => Severity === 'Error' || Severity === 'Warning')
      .map(({ Code, Message, Start }) => {
        const line = text.slice(0, Start).split('\n').length;
        return `${place}, line ${line}: ${Code} ${Message}`;
      });
  });
}

export const kustoStep: Step = {
  name: 'kusto parser and binder',
  run: async () => {
    const queries = allQueries();
    return resultOf(queryFindings(queries, tables()), `${queries.length} queries`);
  },
};
