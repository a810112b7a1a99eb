import * as z from 'zod';
import { type GatewaySection, gatewaySection } from './gateway-section.ts';
import type { Guarding } from './guarding.ts';
import { type LimitEntry, limitEntry } from './limits-section.ts';
import { type GuardEntry, guardEntry, type PluginEntry, pluginEntry } from './modules-section.ts';
import { type ProfileEntry, profileEntry } from './profiles-section.ts';
import { unknownReferences } from './references.ts';
import { type RoleEntry, roleEntry } from './roles-section.ts';
import { type ServerEntry, serverEntry } from './servers-section.ts';

/**
 * A whole configuration with every default filled in. Once resolved its paths are absolute and its variables expanded.
 * It is itself a valid file.
 */
export interface GatewayConfig {
  readonly gateway: GatewaySection;
  readonly plugins: Readonly<Record<string, PluginEntry>>;
  readonly guards: Readonly<Record<string, GuardEntry>>;
  readonly mcpServers: Readonly<Record<string, ServerEntry>>;
  readonly roles: Readonly<Record<string, RoleEntry>>;
  readonly profiles: Readonly<Record<string, ProfileEntry>>;
  readonly limits: Readonly<Record<string, LimitEntry>>;
}

/** What a `lockgate.json` may hold: a configuration in which everything that has a default may be left out. */
export type LockgateFile = Partially<GatewayConfig> & { readonly $schema?: string };

type Partially<T> = T extends readonly (infer E)[]
  ? readonly Partially<E>[]
  : T extends object
    ? { readonly [K in keyof T]?: Partially<T[K]> | undefined }
    : T;

const entryName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
    'a name begins with a letter or digit, and has letters, digits, "_", "." and "-", at most 64 of them',
  );

/** The policies that only a guard understands. */
const GUARDS_POLICIES = ['allow-only', 'trusted-bots'] as const;

/** The shape of `lockgate.json`. Parsing fills defaults in; it expands no variable and resolves no path. */
export const configSchema: z.ZodType<GatewayConfig> = z
  .strictObject({
    $schema: z.string().optional().describe('For editors'),
    gateway: gatewaySection.prefault({}),
    plugins: z.record(entryName, pluginEntry).prefault({}).describe('WebAssembly guests that give tools'),
    guards: z.record(entryName, guardEntry).prefault({}).describe('WebAssembly guests that label data'),
    mcpServers: z.record(entryName, serverEntry).prefault({}).describe('MCP servers, as MCP clients write them'),
    roles: z
      .record(entryName, roleEntry)
      .prefault({})
      .describe('What principals may use; a key, a token or a certificate names its roles'),
    profiles: z.record(entryName, profileEntry).prefault({}).describe('Parts of what is served, each at /mcp/@name'),
    limits: z.record(entryName, limitEntry).prefault({}).describe('How many calls may be made, by whom and of what'),
  })
  .superRefine((config, context) => {
    const { gateway, plugins, guards, mcpServers } = config;
    for (const name of Object.keys(plugins).filter((name) => Object.hasOwn(mcpServers, name))) {
      context.addIssue({ code: 'custom', path: ['plugins', name], message: 'the same name stands under "mcpServers"' });
    }
    const guarded: [string, Readonly<Record<string, Guarding>>][] = [
      ['plugins', plugins],
      ['mcpServers', mcpServers],
    ];
    for (const [section, entries] of guarded) {
      for (const [name, { guard, 'guard-policies': policies }] of Object.entries(entries)) {
        if (guard && !Object.hasOwn(guards, guard)) {
          const known = Object.keys(guards).join(', ') || 'none is configured';
          context.addIssue({
            code: 'custom',
            path: [section, name, 'guard'],
            message: `no guard has the name "${guard}" (known: ${known})`,
          });
        }
        const forGuard = GUARDS_POLICIES.find((key) => policies?.[key] !== undefined);
        if (forGuard === undefined) continue;
        const mayHaveGuard = guard ?? gateway.wasmGuardsDir;
        if (!mayHaveGuard || policies?.['write-sink']) {
          const message = mayHaveGuard
            ? 'no guard would be given this policy, since the server is a "write-sink"; leave one of them out'
            : 'this policy needs a guard that understands it; set "guard" or "gateway.wasmGuardsDir"';
          context.addIssue({ code: 'custom', path: [section, name, 'guard-policies', forGuard], message });
        }
      }
    }
    for (const { place, name, known, section } of unknownReferences(config)) {
      const message = `no entry of "${section}" has the name "${name}" (known: ${known.join(', ') || 'none is configured'})`;
      context.addIssue({ code: 'custom', path: [...place], message });
    }
    if (gateway.auth?.clientCertificates.length && gateway.tls?.clientCa === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['gateway', 'auth', 'clientCertificates'],
        message: 'client certificates need "gateway.tls.clientCa"',
      });
    }
  })
  .transform(({ $schema: _, ...config }) => config);
