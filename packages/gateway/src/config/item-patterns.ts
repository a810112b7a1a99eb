import * as z from 'zod';
import { matchesGlob } from './glob.ts';

/** What a pattern may be of: each is used by a method of its own. */
export const ITEM_KINDS = ['tool', 'resource', 'prompt'] as const;

export type ItemKind = (typeof ITEM_KINDS)[number];

/** Patterns over `server/name`, both with `*` for any characters: `github/get_*`. For resources the name is the address. "deny" wins. */
export interface ItemPatterns {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** The key that holds the patterns of a kind. */
export const PATTERNS_OF = { tool: 'tools', resource: 'resources', prompt: 'prompts' } as const;

export const itemPattern: z.ZodType<string> = z
  .string()
  .regex(
    /^(?:\*|[A-Za-z0-9_.*-]+\/.+)$/s,
    'expected "server/name", such as "github/get_*" or "*/delete_*"; "github/*" is all of a server, "*" is everything',
  );

/** What profiles allow where they have no "allow": the same list in each of them, which tells it from one that is written. */
export const EVERY_ITEM: readonly string[] = ['*'];

/** @param allowed - What is allowed where "allow" is absent; that list itself. */
export function itemPatterns(allowed: readonly string[], what: string): z.ZodType<ItemPatterns> {
  return z
    .strictObject({
      allow: z
        .array(itemPattern)
        .default(() => allowed as string[])
        .describe(`${what} that are allowed, as "server/name" with *`),
      deny: z.array(itemPattern).default([]).describe('What is not, whatever allows it'),
    })
    .prefault({}) as unknown as z.ZodType<ItemPatterns>;
}

/** Whether a pattern means something of a server. */
export function opensServer(pattern: string, server: string): boolean {
  return matchesGlob(halves(pattern)[0], server);
}

/** Whether a pattern means this item of this server. */
export function matchesItem(pattern: string, server: string, name: string): boolean {
  const [servers, names] = halves(pattern);
  return matchesGlob(servers, server) && matchesGlob(names, name);
}

function halves(pattern: string): readonly [string, string] {
  const slash = pattern.indexOf('/');
  return slash === -1 ? [pattern, pattern] : [pattern.slice(0, slash), pattern.slice(slash + 1)];
}
