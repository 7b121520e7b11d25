import * as v from 'valibot';

const conditionSchema = v.looseObject({
  operatorType: v.string(),
  key: v.string(),
  values: v.optional(v.array(v.unknown()), []),
});

export const filterSchema = v.object({
  includedEventTypes: v.nullish(v.array(v.string())),
  subjectBeginsWith: v.nullish(v.string()),
  subjectEndsWith: v.nullish(v.string()),
  advancedFilters: v.nullish(v.array(conditionSchema)),
});
export type EventFilter = v.InferOutput<typeof filterSchema>;
type Condition = v.InferOutput<typeof conditionSchema>;

/** The parts of an event that filters look at. */
export interface SampleEvent {
  readonly type: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Whether a filter admits an event; `undefined` where that depends on an operator or a key unknown here.
 * https://learn.microsoft.com/azure/event-grid/event-filtering
 */
export function admits(filter: EventFilter, event: SampleEvent): boolean | undefined {
  const type = event.type.toLowerCase();
  const subject = event.subject.toLowerCase();
  const isOfType = filter.includedEventTypes?.some((one) => /^all$/i.test(one) || one.toLowerCase() === type);
  if (isOfType === false) return false;
  if (!subject.startsWith((filter.subjectBeginsWith ?? '').toLowerCase())) return false;
  if (!subject.endsWith((filter.subjectEndsWith ?? '').toLowerCase())) return false;
  const answers = (filter.advancedFilters ?? []).map((condition) => holds(condition, event));
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}

const tests: Readonly<Record<string, (text: string, wanted: string) => boolean>> = {
  in: (text, wanted) => text === wanted,
  contains: (text, wanted) => text.includes(wanted),
  beginswith: (text, wanted) => text.startsWith(wanted),
  endswith: (text, wanted) => text.endsWith(wanted),
};

function holds({ operatorType, key, values }: Condition, event: SampleEvent): boolean | undefined {
  const text = textAt(event, key);
  if (text === undefined) return undefined;
  const [, not, operator = ''] = /^string(not)?(\w+)$/.exec(operatorType.toLowerCase()) ?? [];
  if (/^isnotnull$/i.test(operatorType)) return true;
  if (/^isnullorundefined$/i.test(operatorType)) return false;
  const test = tests[operator];
  if (test === undefined) return undefined;
  const isMet = values.some((value) => typeof value === 'string' && test(text, value.toLowerCase()));
  return not === undefined ? isMet : !isMet;
}

/** The text in lower case, because Event Grid ignores case; `undefined` for what the sample does not contain. */
function textAt({ type, subject, data }: SampleEvent, key: string): string | undefined {
  const path = key.toLowerCase();
  if (path === 'eventtype' || path === 'type') return type.toLowerCase();
  if (path === 'subject') return subject.toLowerCase();
  const [root, ...rest] = path.split('.');
  if (root !== 'data') return undefined;
  let value: unknown = data;
  for (const part of rest) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([name]) => name.toLowerCase() === part)?.[1];
  }
  return typeof value === 'string' ? value.toLowerCase() : undefined;
}
