import type { StandardSchemaV1 } from '@modelcontextprotocol/client';

export type JsonObject = Record<string, unknown>;

/** A request or notification without its JSON-RPC frame. */
export interface Message {
  readonly method: string;
  readonly params?: JsonObject | undefined;
}

/**
 * Accepts what it is given, as it is. The SDK re-types results by the schema it is handed, which would drop what a newer
 * server knows and the SDK does not; with this one everything passes.
 */
export const anything: StandardSchemaV1<unknown, JsonObject> = {
  '~standard': {
    version: 1,
    vendor: 'lockgate',
    validate: (value) => ({ value: value as JsonObject }),
  },
};

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text that a value is, or the empty one: what clients send may be anything, even an object that is hard to print. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
