/** Every query that is deployed or that a page tells people to run. */
import * as v from 'valibot';
import { filesIn, textOf } from './files.ts';

export interface Query {
  /** Where it stands. */
  readonly place: string;
  readonly text: string;
}

const workbookSchema = v.object({
  items: v.array(
    v.object({
      name: v.string(),
      content: v.looseObject({ query: v.optional(v.string()) }),
    }),
  ),
});

/** The workbook's queries, as the portal runs them: parameters in braces are replaced by values. */
const workbookQueries = (): Query[] =>
  v
    .parse(workbookSchema, JSON.parse(textOf('infra/workbook.json')))
    .items.flatMap(({ name, content }) =>
      content.query === undefined ? [] : [{ place: `infra/workbook.json, ${name}`, text: content.query }],
    );

/** Pages write queries of a workspace, and for Application Insights' own view, where the tables have other names. */
const portalNames: Readonly<Record<string, string>> = {
  traces: 'AppTraces',
  message: 'Message',
  timestamp: 'TimeGenerated',
};
const pageQueries = (): Query[] =>
  filesIn('docs', '.md').flatMap((path) =>
    [...textOf(path).matchAll(/^ *```kusto\n(.*?)^ *```/gms)].map(([, text = ''], index) => ({
      place: `${path}, query ${index + 1}`,
      text: /^\s*traces\b/.test(text)
        ? text.replace(/\b(?:traces|message|timestamp)\b/g, (word) => portalNames[word] ?? word)
        : text,
    })),
  );

export const allQueries = (): Query[] => [
  ...filesIn('infra/queries', '.kql').map((place) => ({ place, text: textOf(place) })),
  ...workbookQueries(),
  ...pageQueries(),
];
