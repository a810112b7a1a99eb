import type { FormField } from './form-field.ts';
import { isObject } from './json-schema.ts';
import { readJson } from './read-json.ts';

/** What stands in the controls of a form: texts, as people type them. A choice is kept as its JSON. */
export type Draft = string | readonly Draft[] | { readonly [name: string]: Draft };

export interface DraftProblem {
  /** Names and indexes from the form to the control, joined with a dot; the id of the control ends with it. */
  readonly place: string;
  readonly message: string;
}

export interface ReadDraft {
  /** Undefined where nothing was given. */
  readonly value: unknown;
  readonly problems: readonly DraftProblem[];
}

/** A form as it is shown first: defaults filled in, everything else empty. */
export function firstDraft(field: FormField): Draft {
  return draftOf(field, field.schema.default);
}

/** Puts a value into the controls. What does not fit them is left out; {@link fits} says whether something is. */
export function draftOf(field: FormField, value: unknown): Draft {
  switch (field.kind) {
    case 'text':
      return typeof value === 'string' ? value : '';
    case 'number':
      return typeof value === 'number' ? String(value) : '';
    case 'choice': {
      const json = value === undefined ? '' : JSON.stringify(value);
      return field.choices.some((choice) => JSON.stringify(choice) === json) ? json : '';
    }
    case 'list':
      return Array.isArray(value) ? value.map((item) => draftOf(field.item, item)) : [];
    case 'group': {
      const given = isObject(value) ? value : {};
      return Object.fromEntries(
        field.members.map(({ name, field: member }) => {
          return [name, Object.hasOwn(given, name) ? draftOf(member, given[name]) : firstDraft(member)];
        }),
      );
    }
    case 'json':
      return value === undefined ? '' : JSON.stringify(value, null, 2);
    default:
      return field satisfies never;
  }
}

/** Whether the controls can hold a value without losing a part of it. */
export function fits(field: FormField, value: unknown): boolean {
  switch (field.kind) {
    case 'text':
      return typeof value === 'string' && value !== '';
    case 'number':
      return typeof value === 'number';
    case 'choice':
      return draftOf(field, value) !== '';
    case 'list':
      return Array.isArray(value) && value.every((item) => fits(field.item, item));
    case 'group':
      return (
        isObject(value) &&
        Object.entries(value).every(([key, inner]) => {
          const member = field.members.find(({ name }) => name === key);
          return member !== undefined && fits(member.field, inner);
        })
      );
    case 'json':
      return true;
    default:
      return field satisfies never;
  }
}

/** Reads the arguments out of the controls, with what is wrong with them. */
export function readDraft(field: FormField, draft: Draft, isRequired = true, place = ''): ReadDraft {
  const problem = (message: string): ReadDraft => ({ value: undefined, problems: [{ place, message }] });
  if (field.kind === 'group') return readGroup(field.members, isObject(draft) ? draft : {}, isRequired, place);
  if (field.kind === 'list') {
    const items = Array.isArray(draft) ? draft : [];
    if (items.length === 0) return { value: isRequired ? [] : undefined, problems: [] };
    const read = items.map((item, index) => readDraft(field.item, item, true, below(place, index)));
    return { value: read.map(({ value }) => value), problems: read.flatMap(({ problems }) => problems) };
  }
  const text = typeof draft === 'string' ? draft : '';
  if (text === '') return isRequired ? problem('This is required.') : { value: undefined, problems: [] };
  switch (field.kind) {
    case 'text':
      return { value: text, problems: [] };
    case 'number': {
      const value = Number(text);
      if (text.trim() === '' || !Number.isFinite(value)) return problem('This is no number.');
      if (field.isWhole && !Number.isInteger(value)) return problem('This is no whole number.');
      return { value, problems: [] };
    }
    case 'choice':
      return { value: JSON.parse(text), problems: [] };
    case 'json': {
      const read = readJson(text);
      return 'problem' in read ? problem(read.problem) : { value: read.value, problems: [] };
    }
    default:
      return field satisfies never;
  }
}

function readGroup(
  members: (FormField & { kind: 'group' })['members'],
  draft: Readonly<Record<string, unknown>>,
  isRequired: boolean,
  place: string,
): ReadDraft {
  const read = members.map(({ name, isRequired: isNeeded, field }) => {
    const inner = (draft[name] ?? '') as Draft;
    return { name, ...readDraft(field, inner, isNeeded, below(place, name)) };
  });
  const given = read.filter(({ value }) => value !== undefined);
  // Nobody has begun to fill it in: what it would need is not missing.
  if (!isRequired && members.every(({ name, field }) => isUntouched(field, draft[name]))) {
    return { value: undefined, problems: [] };
  }
  return {
    value: Object.fromEntries(given.map(({ name, value }) => [name, value])),
    problems: read.flatMap(({ problems }) => problems),
  };
}

function isUntouched(field: FormField, draft: unknown): boolean {
  return JSON.stringify(draft ?? firstDraft(field)) === JSON.stringify(firstDraft(field));
}

function below(place: string, step: string | number): string {
  return place === '' ? String(step) : `${place}.${step}`;
}
