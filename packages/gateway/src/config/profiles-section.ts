import * as z from 'zod';
import { DISCOVERIES, type Discovery } from './discovery.ts';
import { EVERY_ITEM, type ItemPatterns, itemPatterns } from './item-patterns.ts';

/** A part of what is served, under a name: an endpoint of its own at `/mcp/@<name>`, and what a key or role may be limited to. */
export interface ProfileEntry {
  /** @default all */
  readonly servers?: readonly string[] | undefined;
  /** @default all of these servers */
  readonly tools: ItemPatterns;
  /** @default all of these servers */
  readonly resources: ItemPatterns;
  /** @default all of these servers */
  readonly prompts: ItemPatterns;
  /** How clients find tools at its endpoint. @default "gateway.discovery" */
  readonly discovery?: Discovery | undefined;
  /** When names have prefixes at its endpoint. @default "gateway.prefix" */
  readonly prefix?: 'always' | 'auto' | undefined;
  /** What happens to answers that may not be read, where nothing stricter holds: at its endpoint, and for whoever is limited to it. @default as elsewhere */
  readonly guardsMode?: 'strict' | 'filter' | 'propagate' | undefined;
}

export const profileEntry: z.ZodType<ProfileEntry> = z.strictObject({
  servers: z.array(z.string().min(1)).optional().describe('Its servers and plugins; all when absent'),
  tools: itemPatterns(EVERY_ITEM, 'Tools'),
  resources: itemPatterns(EVERY_ITEM, 'Resources'),
  prompts: itemPatterns(EVERY_ITEM, 'Prompts'),
  discovery: z.enum(DISCOVERIES).optional().describe('How clients find tools at its endpoint'),
  prefix: z.enum(['always', 'auto']).optional().describe("When a server's name goes before its tools' names there"),
  guardsMode: z
    .enum(['strict', 'filter', 'propagate'])
    .optional()
    .describe('What happens to forbidden answers there, where nothing stricter holds'),
});
