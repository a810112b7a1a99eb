import type { ContentBlock, ToolResult } from './in-process-client.ts';

/** Text as it is; of what a terminal cannot show, a line that says what it is. */
export function describeResult({ content, structuredContent }: ToolResult): string {
  if (content.length === 0 && structuredContent !== undefined) return `${JSON.stringify(structuredContent, null, 2)}\n`;
  return content.map((block) => `${describeBlock(block)}\n`).join('');
}

function describeBlock(block: ContentBlock): string {
  const { type, text, mimeType, data = '', uri, resource } = block;
  switch (type) {
    case 'text':
      return text ?? '';
    case 'image':
    case 'audio':
      return `[${type} ${mimeType}, ${Buffer.byteLength(data, 'base64')} bytes; --json shows them]`;
    case 'resource_link':
      return `[${uri}]`;
    case 'resource':
      return resource?.text ?? `[${resource?.uri}]`;
    default:
      return JSON.stringify(block);
  }
}
