import * as z from 'zod';
import { type ItemPatterns, itemPatterns } from './item-patterns.ts';

/** What whoever has a role may use. Of several roles each adds what it allows, and takes what it denies from all of them. */
export interface RoleEntry {
  /** @default none */
  readonly tools: ItemPatterns;
  /** @default none */
  readonly resources: ItemPatterns;
  /** @default none */
  readonly prompts: ItemPatterns;
  /** Entries of "profiles" whose whole contents are allowed as well. */
  readonly profiles: readonly string[];
}

export const roleEntry: z.ZodType<RoleEntry> = z.strictObject({
  tools: itemPatterns([], 'Tools'),
  resources: itemPatterns([], 'Resources'),
  prompts: itemPatterns([], 'Prompts'),
  profiles: z.array(z.string().min(1)).default([]).describe('Entries of "profiles": all in them is allowed, too'),
});
