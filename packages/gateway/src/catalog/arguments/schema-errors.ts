import { type OutputUnit, type Schema, type SchemaDraft, Validator } from '@cfworker/json-schema';
import type { ObjectText } from '../../protocol/frame/object-text.ts';
import { isSoonParsed } from '../../query/exact-json.ts';
import { withinDeadline } from '../../within-deadline.ts';
import { RecentValidators } from './recent-validators.ts';
import { schemaCost } from './schema-cost.ts';

/** Larger schemas and arguments are not checked: their server does that. */
const MAX_SCHEMA_BYTES = 262_144;
const MAX_ARGUMENT_BYTES = 1_048_576;

/** Parts of a schema times bytes of arguments up to which a check takes a few milliseconds at most. */
const CHEAP = 1_000_000;

/**
 * Longest check of which the cost cannot be foreseen, in milliseconds, and how often a schema may take longer before it is never tried again: a
 * machine that is busy with something else looks the same.
 */
const CHECK_MS = 40;
const MAX_LATE = 2;

/** Where a schema says nothing of its dialect. Source: MCP specification 2025-11-25, "JSON Schema usage". */
const DEFAULT_DRAFT: SchemaDraft = '2020-12';

/** Parts of the addresses of the dialects. */
const DRAFTS: Readonly<Record<string, SchemaDraft>> = {
  'draft-04': '4',
  'draft-06': '7',
  'draft-07': '7',
  '2019-09': '2019-09',
  '2020-12': '2020-12',
};

interface Check {
  readonly cost: number;
  /** How often it has taken too long. */
  late: number;
}

/** By schema; null where it is one that cannot be checked. */
const checks = new WeakMap<ObjectText, Check | null>();
const validators = new RecentValidators<Check>();

/** What a JSON Schema says of arguments; empty also where nobody can tell, since their server has the last word. */
export function schemaErrors(schema: ObjectText, args: ObjectText): readonly OutputUnit[] {
  return errorsOf(schema, args) ?? [];
}

/** Whether an object is known to be valid by a JSON Schema; false also where nobody can tell. */
export function fitsSchema(schema: ObjectText, value: ObjectText): boolean {
  return errorsOf(schema, value)?.length === 0;
}

/** Undefined where nobody can tell. */
function errorsOf(schema: ObjectText, args: ObjectText): readonly OutputUnit[] | undefined {
  if (schema.byteLength > MAX_SCHEMA_BYTES || args.byteLength > MAX_ARGUMENT_BYTES) return undefined;
  const check = checkOf(schema);
  if (!check || check.late > MAX_LATE || !isSoonParsed(args.toBytes().toString('latin1'))) return undefined;
  try {
    const validator = validators.use(check, schema.byteLength, () => validatorOf(schema));
    const validate = (): readonly OutputUnit[] => validator.validate(args.toValue()).errors;
    return check.cost * args.byteLength <= CHEAP ? validate() : withinDeadline(CHECK_MS, validate);
  } catch (error) {
    // Else a reference that leads nowhere or too deep, or a pattern that is none.
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') check.late++;
    else checks.set(schema, null);
    return undefined;
  }
}

function checkOf(schema: ObjectText): Check | null {
  const known = checks.get(schema);
  if (known !== undefined) return known;
  let check: Check | null = null;
  try {
    check = { cost: schemaCost(schema.toValue()), late: 0 };
    validators.use(check, schema.byteLength, () => validatorOf(schema));
  } catch {
    check = null; // No schema.
  }
  checks.set(schema, check);
  return check;
}

/** @throws an Error where it is no schema. */
function validatorOf(schema: ObjectText): Validator {
  // It writes marks into what it is given.
  const own = structuredClone(schema.toValue());
  return new Validator(own as Schema, draftOf(schema.text('$schema')), false);
}

function draftOf(dialect: string | undefined): SchemaDraft {
  const named = Object.keys(DRAFTS).find((part) => dialect?.includes(part));
  return (named === undefined ? undefined : DRAFTS[named]) ?? DEFAULT_DRAFT;
}
