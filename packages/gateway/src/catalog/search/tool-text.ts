import type { ObjectText } from '../../protocol/frame/object-text.ts';
import { isObject } from '../../protocol/message.ts';

/** Longest part of one text that is looked at, in characters: some servers put a manual into a description. */
const MAX_TEXT = 4_000;

/** Deepest level of an input schema whose names and descriptions are looked at. */
const MAX_DEPTH = 4;

/** What is said of a tool, by how much each part says of what it is for. */
export interface ToolText {
  readonly name: string;
  readonly title: string;
  readonly server: string;
  readonly description: string;
  readonly parameters: string;
}

/** A tool as it is searched in. */
export interface SearchedTool {
  /** As clients know it. */
  readonly name: string;
  readonly server: string;
  /** As its server published it. */
  readonly item: ObjectText;
}

/** The texts of a tool. */
export function toolText({ server, item }: SearchedTool): ToolText {
  const ownName = item.text('name') ?? '';
  const title = item.text('title') ?? item.object('annotations')?.text('title') ?? '';
  const parameters: string[] = [];
  describe(item.value('inputSchema'), parameters, 0);
  return {
    // The whole without its separators as well: "getissue" is looked for too.
    name: `${ownName} ${ownName.replace(/[^\p{L}\p{N}]+/gu, '')}`,
    title,
    server,
    description: (item.text('description') ?? '').slice(0, MAX_TEXT),
    parameters: parameters.join(' ').slice(0, MAX_TEXT),
  };
}

/** Adds names and descriptions of a schema's properties, and the words it allows as values. */
function describe(schema: unknown, texts: string[], depth: number): void {
  if (!isObject(schema) || depth > MAX_DEPTH) return;
  const { properties, items, enum: words, description } = schema;
  if (depth > 0 && typeof description === 'string') texts.push(description);
  if (Array.isArray(words)) texts.push(...words.filter((word) => typeof word === 'string'));
  if (isObject(properties)) {
    for (const [name, property] of Object.entries(properties)) {
      texts.push(name);
      describe(property, texts, depth + 1);
    }
  }
  describe(items, texts, depth + 1);
}
