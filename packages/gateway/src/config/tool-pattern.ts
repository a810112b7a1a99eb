/** True where an entry of "tools" means this tool: the same name, or what stands before a `*` at the end. */
export function matchesTool(pattern: string, tool: string): boolean {
  return pattern.endsWith('*') ? tool.startsWith(pattern.slice(0, -1)) : tool === pattern;
}

/** Whether a tool is among those that are served; without patterns, all are. */
export function isServed(tool: string, patterns: readonly string[] | undefined): boolean {
  return patterns?.some((pattern) => matchesTool(pattern, tool)) ?? true;
}
