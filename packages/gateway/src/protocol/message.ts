import type { ObjectText } from './frame/object-text.ts';

/** A request or notification without its JSON-RPC frame. */
export interface Message {
  readonly method: string;
  readonly params: ObjectText | undefined;
}

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
