import { basename } from 'node:path';
import type { Client, ClientFile } from './client.ts';
import { recogniseClient } from './clients.ts';
import { commonForm } from './common-form.ts';
import { guardGateway } from './guard-gateway.ts';

/** The sections that only Lockgate's own files have. */
const OWN_SECTIONS = ['gateway', 'plugins', 'guards'];

/**
 * Whose file was given where a configuration of Lockgate belongs; undefined where it is one of Lockgate, whatever is wrong with it, or cannot be
 * told from one.
 */
export function foreignClient(file: ClientFile): Client | undefined {
  const { path, tree } = file;
  const client = recogniseClient(file);
  if (client === undefined || client === commonForm) return undefined;
  const isNamedOurs =
    /^lockgate\b/.test(basename(path)) || (typeof tree.$schema === 'string' && /lockgate/.test(tree.$schema));
  if (isNamedOurs && 'mcpServers' in tree) return undefined;
  // The other gateway has sections of the same names.
  if (client !== guardGateway && OWN_SECTIONS.some((section) => section in tree)) return undefined;
  return client;
}
