import { eventTypeOf, type GridEvent, subjectOf, valueAt } from './event.ts';

type Operator =
  | 'StringIn'
  | 'StringNotIn'
  | 'StringContains'
  | 'StringNotContains'
  | 'StringBeginsWith'
  | 'StringEndsWith';

/** `values` are alternatives; text is compared without case. */
type AdvancedFilter =
  | { readonly operatorType: Operator; readonly key: string; readonly values: readonly string[] }
  | { readonly operatorType: 'IsNotNull' | 'IsNullOrUndefined'; readonly key: string };

/** Which events a subscription is for; all of its conditions have to hold. */
export interface EventFilter {
  readonly includedEventTypes?: readonly string[] | undefined;
  readonly subjectBeginsWith?: string | undefined;
  readonly subjectEndsWith?: string | undefined;
  readonly advancedFilters?: readonly AdvancedFilter[] | undefined;
}

/** Event Grid's filters: https://learn.microsoft.com/azure/event-grid/event-filtering */
export function matches(event: GridEvent, filter: EventFilter): boolean {
  const subject = subjectOf(event).toLowerCase();
  const type = eventTypeOf(event).toLowerCase();
  return (
    (filter.includedEventTypes?.some((included) => included.toLowerCase() === type) ?? true) &&
    subject.startsWith((filter.subjectBeginsWith ?? '').toLowerCase()) &&
    subject.endsWith((filter.subjectEndsWith ?? '').toLowerCase()) &&
    (filter.advancedFilters ?? []).every((advanced) => holds(advanced, valueAt(event, advanced.key)))
  );
}

function holds(filter: AdvancedFilter, value: unknown): boolean {
  const isNothing = value === undefined || value === null;
  if (!('values' in filter)) return filter.operatorType === 'IsNotNull' ? !isNothing : isNothing;
  // A key without a value satisfies the negative operators only.
  const texts = (Array.isArray(value) ? value : [value]).flatMap((item) =>
    typeof item === 'string' ? [item.toLowerCase()] : [],
  );
  const some = (test: (text: string, wanted: string) => boolean) =>
    texts.some((text) => filter.values.some((wanted) => test(text, wanted.toLowerCase())));
  switch (filter.operatorType) {
    case 'StringIn':
      return some((text, wanted) => text === wanted);
    case 'StringNotIn':
      return !some((text, wanted) => text === wanted);
    case 'StringContains':
      return some((text, wanted) => text.includes(wanted));
    case 'StringNotContains':
      return !some((text, wanted) => text.includes(wanted));
    case 'StringBeginsWith':
      return some((text, wanted) => text.startsWith(wanted));
    case 'StringEndsWith':
      return some((text, wanted) => text.endsWith(wanted));
  }
}

const containerGroups = 'Microsoft.ContainerInstance/containerGroups';

/** The changes of container groups that may change an address. */
export const containerGroupChanges: EventFilter = {
  advancedFilters: [
    {
      operatorType: 'StringIn',
      key: 'data.operationName',
      values: ['write', 'delete', 'start/action', 'stop/action', 'restart/action'].map(
        (operation) => `${containerGroups}/${operation}`,
      ),
    },
  ],
};
