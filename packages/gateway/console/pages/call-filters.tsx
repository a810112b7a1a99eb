import type { JSX, TargetedEvent } from 'preact';
import { replaceFilters, route } from '../navigation.ts';

const VERDICTS = ['ok', 'error', 'denied', 'filtered', 'failed', 'cancelled'] as const;

/** Which calls are listed. The address has them, so a list can be passed on as a link. */
export function CallFilters({
  hasLog,
  servers,
}: {
  readonly hasLog: boolean;
  readonly servers: readonly string[];
}): JSX.Element {
  const { filters } = route.value;
  const set = (name: string, value: string): void => replaceFilters('calls', undefined, { ...filters, [name]: value });
  return (
    <form class="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <Choice
        name="source"
        label="Look in"
        value={filters.source ?? ''}
        choices={[
          ['', 'Newest calls'],
          ['log', hasLog ? 'Audit log' : 'Audit log (no “logDir”)'],
        ]}
        onChange={set}
      />
      <Choice
        name="server"
        label="Server"
        value={filters.server ?? ''}
        choices={[['', 'All'], ...servers.map((server) => [server, server] as const)]}
        onChange={set}
      />
      <Choice
        name="verdict"
        label="Ended"
        value={filters.verdict ?? ''}
        choices={[['', 'In any way'], ...VERDICTS.map((verdict) => [verdict, verdict] as const)]}
        onChange={set}
      />
      <Typed name="tool" label="Tool contains" value={filters.tool ?? ''} onChange={set} />
      <Typed name="principal" label="Caller" value={filters.principal ?? ''} onChange={set} />
      <Typed name="from" label="From" isTime value={filters.from ?? ''} onChange={set} />
      <Typed name="to" label="Until" isTime value={filters.to ?? ''} onChange={set} />
    </form>
  );
}

interface FilterProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly onChange: (name: string, value: string) => void;
}

function Choice({
  name,
  label,
  value,
  choices,
  onChange,
}: FilterProps & { readonly choices: readonly (readonly [string, string])[] }): JSX.Element {
  return (
    <div class="field">
      <label for={`filter-${name}`}>{label}</label>
      <select
        id={`filter-${name}`}
        class="select"
        value={value}
        onChange={({ currentTarget }) => onChange(name, currentTarget.value)}
      >
        {choices.map(([choice, word]) => (
          <option key={choice} value={choice}>
            {word}
          </option>
        ))}
      </select>
    </div>
  );
}

function Typed({
  name,
  label,
  value,
  isTime = false,
  onChange,
}: FilterProps & { readonly isTime?: boolean }): JSX.Element {
  const id = `filter-${name}`;
  const change = (event: TargetedEvent<HTMLInputElement>): void => onChange(name, event.currentTarget.value);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {isTime ? (
        <input id={id} class="input" type="datetime-local" value={value} onChange={change} />
      ) : (
        <input id={id} class="input" type="search" value={value} onChange={change} />
      )}
    </div>
  );
}
