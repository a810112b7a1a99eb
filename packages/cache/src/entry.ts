import { type Environment, sameEnvironment } from './cache-key.ts';

/** How the code in an entry came about. */
export type EntryKind =
  /** Every function the module has. */
  | 'all'
  /** The functions that a process was seen to use, all optimised. */
  | 'profile'
  /** What V8 had optimised by itself when a process closed its cache: a beginning, and a profile for the optimiser. */
  | 'seed';

/** What an entry says of itself. */
export interface EntryDescription {
  /** SHA-256 of the wasm bytes, in hex. */
  readonly wasm: string;
  readonly wasmBytes: number;
  readonly environment: Environment;
  readonly kind: EntryKind;
  /** How often the optimiser has worked on it. */
  readonly generation: number;
  /** Processor time that went into the code, in milliseconds. */
  readonly costMs: number;
  /** How often its process had been looked at when its profile was taken: a measure of how long it had worked. */
  readonly looks: number;
  /** Size of the profile, in bytes: V8's own code, made with what it had learned from calls. 0 without one. */
  readonly learnedBytes: number;
}

/** The head of an entry, before V8's bytes: none of it is used before its checksum fits. */
export interface EntryHead {
  readonly description: EntryDescription;
  readonly payloadBytes: number;
  readonly payloadChecksum: bigint;
}

type Checksum = (bytes: Uint8Array) => bigint;

/** Length of the head in bytes: a page, so that the code behind it can be mapped. */
export const HEAD_BYTES = 4096;

const MAGIC = Buffer.from('LOCKGATE');
const FORMAT = 1;
const AT = { format: 8, jsonBytes: 12, payloadBytes: 16, payloadChecksum: 24, headChecksum: 32, json: 40 } as const;
/** From this look on, some 40 s after a module was compiled, its profile counts as one of a process that works. */
export const WARM_LOOKS = 3;
const MAX_PAYLOAD_BYTES = 2 ** 31 - 1;
const KINDS: ReadonlySet<EntryKind | undefined> = new Set<EntryKind>(['all', 'profile', 'seed']);

/** Writes the head of an entry. */
export function encodeHead(description: EntryDescription, payload: Uint8Array, checksum: Checksum): Uint8Array {
  const head = Buffer.alloc(HEAD_BYTES);
  const json = Buffer.from(JSON.stringify(description));
  if (json.length > HEAD_BYTES - AT.json) throw new RangeError(`The description takes ${json.length} bytes.`);
  MAGIC.copy(head);
  head.writeUInt32LE(FORMAT, AT.format);
  head.writeUInt32LE(json.length, AT.jsonBytes);
  head.writeBigUInt64LE(BigInt(payload.byteLength), AT.payloadBytes);
  head.writeBigUInt64LE(checksum(payload), AT.payloadChecksum);
  json.copy(head, AT.json);
  head.writeBigUInt64LE(checksum(head), AT.headChecksum); // over the whole head, this field still being zero
  return head;
}

/** Reads the head of a file of so many bytes; a string says what is damaged. */
export function decodeHead(bytes: Uint8Array, fileBytes: number, checksum: Checksum): EntryHead | string {
  if (bytes.byteLength !== HEAD_BYTES) return `${bytes.byteLength} bytes are no whole head`;
  const head = Buffer.from(bytes);
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) return 'wrong magic';
  if (head.readUInt32LE(AT.format) !== FORMAT) return `unknown format ${head.readUInt32LE(AT.format)}`;
  const headChecksum = head.readBigUInt64LE(AT.headChecksum);
  head.writeBigUInt64LE(0n, AT.headChecksum);
  if (checksum(head) !== headChecksum) return 'head checksum does not fit';
  const payloadBytes = Number(head.readBigUInt64LE(AT.payloadBytes));
  if (payloadBytes > MAX_PAYLOAD_BYTES) return `${payloadBytes} bytes of code are more than V8 takes`;
  if (HEAD_BYTES + payloadBytes !== fileBytes) return `${fileBytes} bytes where ${HEAD_BYTES + payloadBytes} belong`;
  const json = head.subarray(AT.json, AT.json + head.readUInt32LE(AT.jsonBytes)).toString();
  const description = readDescription(json);
  if (description === undefined) return 'the description cannot be read';
  return { description, payloadBytes, payloadChecksum: head.readBigUInt64LE(AT.payloadChecksum) };
}

/** A checksum says that bytes are as they were written; not that it was this program, as it is today, that wrote them. */
function readDescription(json: string): EntryDescription | undefined {
  try {
    const read = JSON.parse(json) as Partial<EntryDescription> | null;
    const { wasm, wasmBytes, environment, kind, generation, costMs } = read ?? {};
    const numbers = [wasmBytes, generation, costMs].every((value) => typeof value === 'number');
    const isWhole = numbers && typeof wasm === 'string' && typeof environment === 'object' && environment !== null;
    if (!isWhole || !KINDS.has(kind)) return undefined;
    const { looks = WARM_LOOKS, learnedBytes = 0 } = read ?? {}; // entries of earlier versions lack them
    return { ...(read as EntryDescription), looks, learnedBytes };
  } catch {
    return undefined;
  }
}

/**
 * Whether the process that an entry was made after had hardly worked: such code knows nothing of which calls to inline, and
 * a process that loads it never learns it. Source: docs/rationale/cache.md, "What does it bring".
 */
export function isCold({ kind, looks }: EntryDescription): boolean {
  return kind === 'profile' && looks < WARM_LOOKS;
}

/** Whether an entry is of this module and environment; a string says what differs. */
export function mismatch(entry: EntryDescription, wasm: string, environment: Environment): string | undefined {
  if (entry.wasm !== wasm) return 'made from another module';
  if (!sameEnvironment(entry.environment, environment)) return 'made by another engine or under other flags';
  return undefined;
}
