import type { IncomingHttpHeaders } from 'node:http';

/** Node's headers as far as the SDK reads `Headers`: single ones, by names in any case. */
export function nodeHeaders(headers: IncomingHttpHeaders): Pick<Headers, 'get' | 'has'> {
  const get = (name: string): string | null => {
    const value = headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : (value ?? null);
  };
  return { get, has: (name) => get(name) !== null };
}
