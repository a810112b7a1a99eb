import { replicaIn } from '../replicas/replicas.ts';

/** The beginning of the address of an answer that is kept. */
export const KEPT_PREFIX = 'lockgate://answers/';

/** What of a kept answer is asked for. */
export interface KeptAddress {
  readonly id: string;
  /** A JMESPath expression. */
  readonly query?: string;
  /** In bytes. @default 0 */
  readonly offset?: number;
  /** In bytes. @default to the end */
  readonly length?: number;
}

/** The gateway that keeps the answer of an address; undefined where it is not said. */
export function keptAt(uri: string): string | undefined {
  return replicaIn(uri, KEPT_PREFIX);
}

export function keptUri(id: string): string {
  return `${KEPT_PREFIX}${id}`;
}

/** An address as it may be written down: what is asked of an answer may hold parts of it. */
export function bareKeptUri(uri: string): string {
  return uri.startsWith(KEPT_PREFIX) ? uri.replace(/\?.*$/s, '') : uri;
}

/** Undefined where it is not the address of a kept answer, or asks for something that there is not. */
export function parseKeptUri(uri: string): KeptAddress | undefined {
  if (!uri.startsWith(KEPT_PREFIX)) return undefined;
  const [, id = '', asked = ''] = /^([\w-]*)(?:\?(.*))?$/s.exec(uri.slice(KEPT_PREFIX.length)) ?? [];
  if (id === '') return undefined;
  // A query may be written as it is: of what it needs, only & has a meaning in addresses.
  const query = /^query=(.*)$/s.exec(asked)?.[1];
  if (query !== undefined) return { id, query: decoded(query) };
  const numbers = new Map<string, number>();
  for (const part of asked === '' ? [] : asked.split('&')) {
    const [, key = '', value = ''] = /^(offset|length)=(\d{1,15})$/.exec(part) ?? [];
    if (key === '') return undefined;
    numbers.set(key, Number(value));
  }
  const offset = numbers.get('offset');
  const length = numbers.get('length');
  return { id, ...(offset !== undefined && { offset }), ...(length !== undefined && { length }) };
}

/** With escapes or without: models write both. */
function decoded(query: string): string {
  try {
    return decodeURIComponent(query);
  } catch {
    return query;
  }
}
