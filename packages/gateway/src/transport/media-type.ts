import type { IncomingHttpHeaders } from 'node:http';

/** The kind of body that headers announce, in lower case and without parameters; empty where they announce none. */
export function mediaType(headers: IncomingHttpHeaders): string {
  const type = headers['content-type'] ?? '';
  return type === 'application/json' ? type : (type.split(';', 1)[0]?.trim().toLowerCase() ?? '');
}
