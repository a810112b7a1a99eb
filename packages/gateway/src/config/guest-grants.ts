import * as z from 'zod';
import { hostGrants } from './host-grant.ts';
import { readGrants, type StorageGrant, storageGrants } from './storage-grant.ts';
import { whyNoVariable } from './why-no-variable.ts';

/** What an entry grants its guest beyond its own memory; the same keys for every kind of guest. */
export interface Granting {
  /** Hosts that it may reach. @default none */
  readonly hosts?: readonly string[] | undefined;
  /** Directories that it may use, each as `storage-grant.ts` says. @default none */
  readonly storage?: readonly string[] | undefined;
  /** Variables of its environment. @default none */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** How the grants of every entry are written. */
export const grantShape: {
  readonly hosts: z.ZodOptional<z.ZodType<string[]>>;
  readonly storage: z.ZodOptional<z.ZodType<string[]>>;
  readonly env: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodString>>;
} = {
  hosts: hostGrants
    .optional()
    .describe('Hosts the guest may reach: names, "*.domain", "*", addresses, ranges; ":port" may follow'),
  storage: storageGrants.optional().describe('Directories the guest may use, as "fs:///srv/notes:ro" or ":rw"'),
  env: z
    .record(z.string(), z.string())
    .superRefine((env, context) => {
      for (const [name, value] of Object.entries(env)) {
        const message = whyNoVariable(name, value);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      }
    })
    .optional()
    .describe('Variables in the environment of the guest'),
};

/** What a guest is started with of what its entry grants. */
export interface GuestGrants {
  readonly hosts: readonly string[];
  readonly storage: readonly StorageGrant[];
  /** Of whole servers alone. */
  readonly keyValue: 'memory' | undefined;
  readonly env: Readonly<Record<string, string>>;
}

const granted = new WeakMap<Granting, GuestGrants>();

/**
 * Of every kind of guest, and nothing else decides it. One entry has the same grants each time: its directories stay where they were found when it
 * was first started, see `StorageGrant` of the runtime.
 */
export function grantsOf(entry: Granting): GuestGrants {
  const known = granted.get(entry);
  if (known) return known;
  const { hosts = [], storage = [], env = {} } = entry;
  const grants = { hosts, ...readGrants(storage), env };
  granted.set(entry, grants);
  return grants;
}

/** How much of it holds for calls and memory where an entry says nothing. */
export const DEFAULT_CALL_TIMEOUT_MS = 60_000;

/** What an entry grants its guest, in the words of the configuration; of variables their names alone. */
export interface ToldGrants {
  readonly hosts?: readonly string[];
  readonly storage?: readonly string[];
  readonly env?: readonly string[];
  /** Only where it is not what a guest of its kind has. */
  readonly memoryCeilingBytes?: number;
  readonly callTimeoutMs?: number;
}

/** An entry of a guest, or of a server that is none. */
export interface GrantingEntry extends Granting {
  /** Of servers alone. */
  readonly type?: string | undefined;
  readonly limits?: { readonly memoryCeilingBytes?: number | undefined; readonly callTimeoutMs?: number | undefined };
  readonly callTimeoutMs?: number;
}

/** What an entry grants beyond what every guest has; undefined where that is nothing, or it is no guest's. */
export function toldGrants(entry: GrantingEntry): ToldGrants | undefined {
  const { type = 'wasm', hosts = [], storage = [], env = {}, limits = {} } = entry;
  if (type !== 'wasm') return undefined;
  const callTimeoutMs = entry.callTimeoutMs ?? limits.callTimeoutMs ?? DEFAULT_CALL_TIMEOUT_MS;
  const told: ToldGrants = {
    ...(hosts.length > 0 && { hosts }),
    ...(storage.length > 0 && { storage }),
    ...(Object.keys(env).length > 0 && { env: Object.keys(env) }),
    ...(limits.memoryCeilingBytes !== undefined && { memoryCeilingBytes: limits.memoryCeilingBytes }),
    ...(callTimeoutMs !== DEFAULT_CALL_TIMEOUT_MS && { callTimeoutMs }),
  };
  return Object.keys(told).length === 0 ? undefined : told;
}
