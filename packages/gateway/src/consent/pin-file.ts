import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { parseJson } from '../json.ts';
import { makeFolder } from '../make-folder.ts';
import { PinError } from './pin-error.ts';
import { type AllPins, keptServerPins, readServerPins, type ServerPins } from './server-pins.ts';

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
  const pins = new Map<string, ServerPins>();
  for (const [server, kept] of Object.entries(parsed.data.servers)) {
    const read = readServerPins(server, kept);
    if ('doubt' in read) {
      if (read.doubt === 'newer') throw newer(path);
      throw broken(path, `has a digest that does not fit what stands beside it (${read.what})`);
    }
    pins.set(server, read);
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
  const servers = [...pins]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([server, approved]) => [server, keptServerPins(approved)]);
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
