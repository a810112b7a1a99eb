/** Levels of objects and lists that arguments of a call, and bodies around them, may have: frames of MCP have 128 here. */
export const MOST_LEVELS = 120;

/** Whether a text of JSON is nested deeper than that. It need not be sound: brackets in its texts do not count. */
export function isTooDeep(json: string): boolean {
  let levels = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"?|[[{]|[\]}]/gs)) {
    if (token === '[' || token === '{') {
      if (++levels > MOST_LEVELS) return true;
    } else if (token === ']' || token === '}') levels--;
  }
  return false;
}
