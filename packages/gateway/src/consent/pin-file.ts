import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../json.ts';
import { makeFolder } from '../make-folder.ts';
import { type Definition, readDefinition } from './definition.ts';
import { PinError } from './pin-error.ts';
import type { PinKind } from './pin-report.ts';

/** What is approved of one server. */
export interface ServerPins {
  /** Kinds of which the first sight is over: what is new of them is not approved. */
  readonly known: Set<PinKind>;
  readonly items: Map<string, Definition>;
}

export type AllPins = Map<string, ServerPins>;

const kind = z.enum(['tool', 'prompt', 'instructions']);

const pinFile = z.strictObject({
  version: z.literal(1),
  servers: z.record(
    z.string(),
    z.strictObject({
      known: z.array(kind),
      items: z.array(z.strictObject({ kind, name: z.string(), digest: z.string(), definition: z.array(z.string()) })),
    }),
  ),
});

/** Where an item stands among those of its server. */
export function pinKey(kind: PinKind, name: string): string {
  return `${kind} ${name}`;
}

/**
 * Reads a file of pins; one that is not there has none.
 *
 * @throws PinError where anything of it cannot be believed.
 */
export function readPinFile(path: string): AllPins {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return new Map();
    throw broken(path, `cannot be read (${code ?? message})`);
  }
  const value = parseJson(text);
  const version = (value as { version?: unknown } | undefined)?.version;
  if (typeof version === 'number' && version > 1) throw newer(path);
  const parsed = pinFile.safeParse(value);
  if (!parsed.success) throw broken(path, value === undefined ? 'is no JSON' : 'is no file of pins');
  const pins: AllPins = new Map();
  for (const [server, { known, items }] of Object.entries(parsed.data.servers)) {
    const read = new Map<string, Definition>();
    for (const item of items) {
      const place = { server, kind: item.kind, name: item.name };
      const definition = readDefinition(place, item.definition.join('\n'), item.digest);
      if (definition === 'newer') throw newer(path);
      if (!definition) {
        const name = JSON.stringify(item.name);
        throw broken(
          path,
          `has a digest that does not fit what stands beside it (${item.kind} ${name} of "${server}")`,
        );
      }
      read.set(pinKey(item.kind, item.name), definition);
    }
    pins.set(server, { known: new Set(known), items: read });
  }
  return pins;
}

/**
 * Writes the file beside itself and renames it, readable by its owner only. At once: pins are written when somebody approves, or a server is seen for the
 * first time, and nobody may be told so before it is true.
 *
 * @throws PinError
 */
export function writePinFile(path: string, pins: AllPins): void {
  const servers = [...pins].sort(byName).map(([server, { known, items }]) => [
    server,
    {
      known: [...known].sort(),
      items: [...items].sort(byName).map(([, { kind: of, name, digest, text }]) => {
        return { kind: of, name, digest, definition: text.split('\n') };
      }),
    },
  ]);
  const text = `${JSON.stringify({ version: 1, servers: Object.fromEntries(servers) }, null, 2)}\n`;
  const temporary = `${path}.${randomUUID()}`;
  try {
    makeFolder(dirname(path));
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    throw new PinError(
      `Pins cannot be written to ${path} (${code ?? message}); give the gateway's user that folder, or name another file in "gateway.pins.file".`,
    );
  }
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

function broken(path: string, what: string): PinError {
  return new PinError(
    `The file of pins ${path} ${what}, so that nothing counts as approved. Put the one of before in its place, or look at all tools and write it anew: lockgate pins write.`,
  );
}

function newer(path: string): PinError {
  return new PinError(
    `The file of pins ${path} was written by a newer Lockgate, so that nothing counts as approved. Run that version, or write it anew: lockgate pins write.`,
  );
}
