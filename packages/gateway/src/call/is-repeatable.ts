import type { ObjectText } from '../protocol/frame/object-text.ts';

/** Whether a tool says that to call it twice is as to call it once. Source: MCP specification, "Tools", annotations. */
export function isRepeatable(tool: ObjectText): boolean {
  const annotations = tool.object('annotations');
  return annotations?.value('readOnlyHint') === true || annotations?.value('idempotentHint') === true;
}
