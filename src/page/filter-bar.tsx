import { type Filter, isFiltering, noFilter } from './filter.ts';

interface FilterBarProps {
  readonly filter: Filter;
  readonly onChange: (filter: Filter) => void;
}

/** What the reader wants to see of the lists. */
export const FilterBar = ({ filter, onChange }: FilterBarProps) => (
  <div class="filter">
    <label class="visually-hidden" for="filter">
      Show only rows with these words
    </label>
    <input
      id="filter"
      type="search"
      autocomplete="off"
      autocapitalize="none"
      spellcheck={false}
      placeholder="Filter by name, address or region"
      value={filter.text}
      onInput={({ currentTarget }) => onChange({ ...filter, text: currentTarget.value })}
    />
    <button
      type="button"
      aria-pressed={filter.onlyProblems}
      onClick={() => onChange({ ...filter, onlyProblems: !filter.onlyProblems })}
    >
      Only problems
    </button>
    {isFiltering(filter) ? (
      <button type="button" onClick={() => onChange(noFilter)}>
        Show all
      </button>
    ) : null}
  </div>
);
