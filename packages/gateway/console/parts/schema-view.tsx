import type { JSX } from 'preact';
import {
  DEEPEST,
  isObject,
  MOST_PLACES,
  propertiesOf,
  requiredOf,
  type SchemaRoom,
  textOf,
} from '../schema/json-schema.ts';
import { resolveSchema } from '../schema/resolve-schema.ts';
import { limitWords, typeWords } from '../schema/schema-words.ts';

/** A JSON Schema for people: each member with its kind, limits and description, members of members indented, as far as there is room. */
export function SchemaView({
  schema,
  root = schema,
  depth = 0,
  room = { left: MOST_PLACES },
}: SchemaProps): JSX.Element | null {
  const resolved = resolveSchema(schema, root);
  const members = propertiesOf(resolved);
  if (members.length === 0) {
    return depth === 0 ? (
      <p class="muted">{isObject(resolved.additionalProperties) ? 'Members with free names.' : 'Nothing.'}</p>
    ) : null;
  }
  const required = requiredOf(resolved);
  const shown = members.slice(0, Math.max(0, room.left));
  room.left -= members.length;
  return (
    <ul class="tree">
      {shown.map(([name, member]) => (
        <Member
          key={name}
          name={name}
          schema={member}
          root={root}
          depth={depth}
          room={room}
          isRequired={required.has(name)}
        />
      ))}
      {shown.length < members.length && <li class="muted">and more, which the raw JSON has</li>}
    </ul>
  );
}

interface SchemaProps {
  readonly schema: unknown;
  readonly root?: unknown;
  readonly depth?: number;
  readonly room?: SchemaRoom;
}

function Member({
  name,
  schema,
  root,
  depth = 0,
  room,
  isRequired,
}: SchemaProps & { readonly name: string; readonly isRequired: boolean }): JSX.Element {
  const resolved = resolveSchema(schema, root);
  const description = textOf(resolved.description);
  const choices = Array.isArray(resolved.enum) ? resolved.enum : resolved.const === undefined ? [] : [resolved.const];
  const inner = resolved.type === 'array' ? resolved.items : resolved;
  const limits = limitWords(resolved);
  return (
    <li>
      <span class="mono wrap">
        <strong>{name}</strong>
      </span>{' '}
      <span class="muted">
        {typeWords(resolved)}
        {isRequired ? ', required' : ''}
        {limits.length > 0 && `, ${limits.join(', ')}`}
      </span>
      {choices.length > 0 && (
        <ul class="tags">
          {choices.map((choice) => (
            <li key={JSON.stringify(choice)} class="tag mono">
              {JSON.stringify(choice)}
            </li>
          ))}
        </ul>
      )}
      {description !== undefined && <p class="wrap">{description}</p>}
      {depth < DEEPEST && <SchemaView schema={inner} root={root} depth={depth + 1} {...(room && { room })} />}
    </li>
  );
}
