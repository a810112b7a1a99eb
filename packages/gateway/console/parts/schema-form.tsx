import type { JSX } from 'preact';
import { type Draft, type DraftProblem, firstDraft } from '../schema/draft.ts';
import type { FormField, FormMember } from '../schema/form-field.ts';
import { isObject } from '../schema/json-schema.ts';
import { limitWords } from '../schema/schema-words.ts';

export interface ControlProps {
  /** Where the control stands, from the form; its id is `field-` and this. */
  readonly place: string;
  readonly field: FormField;
  readonly draft: Draft | undefined;
  readonly isRequired: boolean;
  readonly problems: readonly DraftProblem[];
  readonly onChange: (draft: Draft) => void;
}

/** The id of the control at a place, for the label and for where the focus goes. */
export function controlId(place: string): string {
  return `field-${place}`;
}

/** The controls of a group's members, one below the other. */
export function Members({
  place,
  members,
  draft,
  problems,
  onChange,
}: Pick<ControlProps, 'place' | 'draft' | 'problems' | 'onChange'> & {
  readonly members: readonly FormMember[];
}): JSX.Element {
  const values = isObject(draft) ? (draft as Readonly<Record<string, Draft>>) : {};
  return (
    <>
      {members.map(({ name, isRequired, field }) => (
        <Labelled
          key={name}
          name={name}
          place={place === '' ? name : `${place}.${name}`}
          field={field}
          draft={values[name]}
          isRequired={isRequired}
          problems={problems}
          onChange={(inner) => onChange({ ...values, [name]: inner })}
        />
      ))}
    </>
  );
}

function Labelled(props: ControlProps & { readonly name: string; readonly isItem?: boolean }): JSX.Element {
  const { name, isItem = false, place, field, isRequired, problems } = props;
  const id = controlId(place);
  const problem = problems.find((one) => one.place === place)?.message;
  const limits = limitWords(field.schema);
  const hint = [field.description, limits.length > 0 ? `(${limits.join(', ')})` : undefined].filter(Boolean).join(' ');
  const label = (
    <>
      <span class="mono">{name}</span>
      {isRequired && !isItem ? <span class="muted field-note"> required</span> : null}
    </>
  );
  const describedBy = [hint === '' ? '' : `${id}-hint`, problem === undefined ? '' : `${id}-problem`].join(' ').trim();
  const isNested = field.kind === 'group' || field.kind === 'list';
  const notes = (
    <>
      {hint !== '' && (
        <span id={`${id}-hint`} class="hint">
          {hint}
        </span>
      )}
      {problem !== undefined && (
        <span id={`${id}-problem`} class="field-problem">
          {problem}
        </span>
      )}
    </>
  );
  if (isNested) {
    return (
      <fieldset class="field" aria-describedby={hint === '' ? undefined : `${id}-hint`}>
        <legend>{label}</legend>
        {notes}
        <div class="group">
          <Control {...props} />
        </div>
      </fieldset>
    );
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <Control {...props} describedBy={describedBy === '' ? undefined : describedBy} />
      {notes}
    </div>
  );
}

function Control(props: ControlProps & { readonly describedBy?: string | undefined }): JSX.Element {
  const { place, field, draft, isRequired, problems, describedBy, onChange } = props;
  const id = controlId(place);
  const shared = {
    id,
    'aria-required': isRequired,
    'aria-invalid': problems.some((one) => one.place === place),
    'aria-describedby': describedBy,
  };
  const text = typeof draft === 'string' ? draft : '';
  switch (field.kind) {
    case 'text':
      if (field.isLong || text.includes('\n')) {
        return (
          <textarea {...shared} class="area" rows={3} value={text} onInput={(e) => onChange(e.currentTarget.value)} />
        );
      }
      return (
        <input
          {...shared}
          class="input"
          type="text"
          spellcheck={false}
          value={text}
          onInput={(e) => onChange(e.currentTarget.value)}
        />
      );
    case 'number':
      return (
        <input
          {...shared}
          class="input"
          type="text"
          inputMode={field.isWhole ? 'numeric' : 'decimal'}
          value={text}
          onInput={(e) => onChange(e.currentTarget.value)}
        />
      );
    case 'choice':
      return (
        <select {...shared} class="select" value={text} onChange={(e) => onChange(e.currentTarget.value)}>
          <option value="">{isRequired ? 'Choose…' : 'Not given'}</option>
          {field.choices.map((choice) => (
            <option key={JSON.stringify(choice)} value={JSON.stringify(choice)}>
              {choiceWord(choice)}
            </option>
          ))}
        </select>
      );
    case 'json':
      return (
        <textarea
          {...shared}
          class="area code"
          rows={4}
          placeholder="JSON"
          spellcheck={false}
          value={text}
          onInput={(e) => onChange(e.currentTarget.value)}
        />
      );
    case 'group':
      return <Members place={place} members={field.members} draft={draft} problems={problems} onChange={onChange} />;
    case 'list':
      return <Items {...props} item={field.item} />;
    default:
      return field satisfies never;
  }
}

function Items({ place, item, draft, problems, onChange }: ControlProps & { readonly item: FormField }): JSX.Element {
  const items = (Array.isArray(draft) ? draft : []) as readonly Draft[];
  return (
    <>
      {items.map((one, index) => (
        <div class="row" key={index}>
          <Labelled
            name={`Item ${index + 1}`}
            isItem
            place={`${place}.${index}`}
            field={item}
            draft={one}
            isRequired={true}
            problems={problems}
            onChange={(inner) => onChange(items.with(index, inner))}
          />
          <button
            type="button"
            class="button quiet"
            aria-label={`Remove item ${index + 1}`}
            onClick={() => onChange(items.toSpliced(index, 1))}
          >
            Remove
          </button>
        </div>
      ))}
      <div>
        <button
          type="button"
          class="button"
          id={controlId(place)}
          onClick={() => onChange([...items, firstDraft(item)])}
        >
          Add item
        </button>
      </div>
    </>
  );
}

function choiceWord(choice: unknown): string {
  if (typeof choice === 'boolean') return choice ? 'yes (true)' : 'no (false)';
  return typeof choice === 'string' ? choice : JSON.stringify(choice);
}
