import type { JsonObject } from '../../json.ts';

let lastId = 0;

/** What comes with each question to a plug-in of the second version: an id of its own, and what the client's request had beside it. */
export function context(meta: JsonObject = {}): JsonObject {
  lastId += 1;
  return { id: lastId, _meta: meta };
}
