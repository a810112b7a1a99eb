import { type ReadonlySignal, useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { type Draft, type DraftProblem, draftOf, firstDraft, fits, readDraft } from '../schema/draft.ts';
import { type FormField, formField } from '../schema/form-field.ts';
import { isObject } from '../schema/json-schema.ts';
import { readJson } from '../schema/read-json.ts';
import { controlId, Members } from './schema-form.tsx';

/** The arguments of one tool while they are written. */
export interface ToolFormState {
  readonly field: FormField;
  readonly draft: ReadonlySignal<Draft>;
  readonly problems: ReadonlySignal<readonly DraftProblem[]>;
  /** What is written as JSON; undefined while the controls are shown. */
  readonly json: ReadonlySignal<string | undefined>;
  readonly setDraft: (draft: Draft) => void;
  readonly setJson: (json: string) => void;
  /** From the controls to JSON and back; back only where the controls can hold all of it. */
  readonly toggle: () => void;
  /** The arguments; undefined where something is wrong, which is then shown, and the focus is there. */
  readonly read: () => Readonly<Record<string, unknown>> | undefined;
}

const JSON_PLACE = 'as-json';

/** Makes the form of a schema; one that has no controls begins as JSON. */
export function useToolForm(schema: unknown): ToolFormState {
  const field = useMemo(() => formField(schema), [schema]);
  const draft = useSignal<Draft>(useMemo(() => firstDraft(field), [field]));
  const json = useSignal<string | undefined>(field.kind === 'group' ? undefined : '{}');
  const problems = useSignal<readonly DraftProblem[]>([]);

  const readText = (text: string): Readonly<Record<string, unknown>> | DraftProblem => {
    const read = readJson(text);
    if ('problem' in read) return { place: JSON_PLACE, message: read.problem };
    return isObject(read.value)
      ? read.value
      : { place: JSON_PLACE, message: 'Arguments are an object, such as {"name": "value"}.' };
  };
  const readNow = (): { args?: Readonly<Record<string, unknown>>; problems: readonly DraftProblem[] } => {
    if (json.value === undefined) {
      const { value, problems: found } = readDraft(field, draft.value);
      return { args: isObject(value) ? value : {}, problems: found };
    }
    const read = readText(json.value.trim() === '' ? '{}' : json.value);
    return isProblem(read) ? { problems: [read] } : { args: read, problems: [] };
  };
  return {
    field,
    draft,
    problems,
    json,
    setDraft: (next) => {
      draft.value = next;
    },
    setJson: (next) => {
      json.value = next;
    },
    toggle: () => {
      const { args = {}, problems: found } = readNow();
      if (json.value === undefined) {
        problems.value = [];
        json.value = JSON.stringify(args, null, 2);
      } else if (found.length > 0) problems.value = found;
      else if (!fits(field, args)) {
        problems.value = [
          { place: JSON_PLACE, message: 'The form has no controls for a part of this, so it stays JSON.' },
        ];
      } else {
        problems.value = [];
        draft.value = draftOf(field, args);
        json.value = undefined;
      }
    },
    read: () => {
      const { args, problems: found } = readNow();
      problems.value = found;
      const [first] = found;
      if (first === undefined) return args;
      document.getElementById(controlId(first.place))?.focus();
      return undefined;
    },
  };
}

function isProblem(value: Readonly<Record<string, unknown>> | DraftProblem): value is DraftProblem {
  return value.place === JSON_PLACE && typeof value.message === 'string';
}

export interface ToolFormProps {
  readonly form: ToolFormState;
  readonly onSubmit: () => void;
  readonly actions: ComponentChildren;
}

/** The form: controls made from the schema, or one field for JSON. */
export function ToolForm({ form, onSubmit, actions }: ToolFormProps): JSX.Element {
  const box = useRef<HTMLFormElement>(null);
  const { field, json, problems, draft } = form;
  const jsonProblem = problems.value.find(({ place }) => place === JSON_PLACE)?.message;
  const id = controlId(JSON_PLACE);
  return (
    <form
      ref={box}
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {json.value !== undefined ? (
        <div class="field">
          <label for={id}>Arguments as JSON</label>
          <textarea
            id={id}
            class="area code"
            rows={8}
            spellcheck={false}
            aria-invalid={jsonProblem !== undefined}
            aria-describedby={jsonProblem === undefined ? undefined : `${id}-problem`}
            value={json.value}
            onInput={({ currentTarget }) => form.setJson(currentTarget.value)}
          />
          {jsonProblem !== undefined && (
            <span id={`${id}-problem`} class="field-problem">
              {jsonProblem}
            </span>
          )}
        </div>
      ) : field.kind === 'group' && field.members.length > 0 ? (
        <Members
          place=""
          members={field.members}
          draft={draft.value}
          problems={problems.value}
          onChange={form.setDraft}
        />
      ) : (
        <p class="muted">It takes no arguments.</p>
      )}
      {problems.value.length > 0 && (
        <p class="field-problem" role="alert">
          {problems.value.length === 1 ? 'One thing is' : `${problems.value.length} things are`} to be mended before the
          call.
        </p>
      )}
      <div class="actions">
        {actions}
        {field.kind === 'group' && (
          <button type="button" class="button quiet" onClick={form.toggle}>
            {json.value === undefined ? 'Write JSON' : 'Use the form'}
          </button>
        )}
      </div>
    </form>
  );
}
