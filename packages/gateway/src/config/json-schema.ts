import * as z from 'zod';
import { configSchema } from './schema.ts';

/** The part of JSON Schema that a configuration's schema uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly [keyword: string]: unknown;
}

let published: JsonSchema | undefined;

/** The JSON Schema (draft 2020-12) of `lockgate.json`, for editors and `lockgate config schema`. */
export function configJsonSchema(): JsonSchema {
  published ??= { ...(z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema), title: 'Lockgate configuration' };
  return published;
}
