import type { Redact } from './config/secrets.ts';

/** The same with one text of it without secrets. */
export function masked<K extends string, T extends { readonly [P in K]?: string | undefined }>(
  status: T,
  key: K,
  redact: Redact,
): T {
  const text = status[key];
  return text === undefined ? status : { ...status, [key]: redact(text) };
}
