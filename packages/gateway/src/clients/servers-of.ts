import type { Found } from './client.ts';
import { type ServerDialect, translateServer } from './translate-server.ts';
import { isTree, kindOf } from './tree.ts';

/** Translates each server of a section; what is no section is left out under its own name. */
export function serversOf(section: unknown, sectionName: string, dialect: ServerDialect): readonly Found[] {
  if (section === undefined || section === null) return [];
  if (!isTree(section))
    return [{ name: sectionName, leftOut: `expected an object with a server under each name, got ${kindOf(section)}` }];
  return Object.entries(section).map(([name, raw]) => translateServer(name, raw, dialect));
}
