import { ApiFailure, notFound } from './api-failure.ts';
import type { ApiHandler } from './api-handler.ts';

interface Row {
  readonly parts: readonly string[];
  readonly handlers: ApiHandler[];
}

/** Finds the handler of a path and a method. */
export class ApiTable {
  readonly handlers: readonly ApiHandler[];
  readonly #rows: readonly Row[];

  constructor(handlers: readonly ApiHandler[]) {
    this.handlers = handlers;
    const byPath = Map.groupBy(handlers, ({ path }) => path);
    this.#rows = Array.from(byPath, ([path, ofPath]) => ({ parts: path.split('/'), handlers: ofPath }));
  }

  /** Whether something is of this path, whatever the method. */
  has(path: string): boolean {
    const parts = path.split('/').map(decoded);
    return this.#rows.some((row) => matched(row.parts, parts) !== undefined);
  }

  /**
   * @param path - Below `/console/api/`.
   * @throws ApiFailure 404 or 405.
   */
  find(method: string, path: string): { readonly handler: ApiHandler; readonly params: Record<string, string> } {
    const parts = path.split('/').map(decoded);
    for (const row of this.#rows) {
      const params = matched(row.parts, parts);
      if (!params) continue;
      const handler = row.handlers.find((candidate) => candidate.method === method);
      if (handler) return { handler, params };
      const allow = row.handlers.map((known) => known.method).join(', ');
      const message = `${path} takes ${allow}, not ${method}`;
      throw new ApiFailure(405, 'METHOD', message, { headers: { allow } });
    }
    throw notFound('The API has nothing of this path; docs/console.md lists what it has');
  }
}

function matched(
  wanted: readonly string[],
  parts: readonly (string | undefined)[],
): Record<string, string> | undefined {
  if (wanted.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const given = parts[index];
    if (given === undefined || given === '') return undefined;
    if (part.startsWith(':')) params[part.slice(1)] = given;
    else if (part !== given) return undefined;
  }
  return params;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
