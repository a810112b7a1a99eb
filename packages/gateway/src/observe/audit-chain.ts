import { createHmac, hash, randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { AuditKey } from './audit-keys.ts';

/**
 * How a line of the audit log ends: the run of a gateway that wrote it, its number there, a hash over it and all lines before it, and the id of the key where
 * the hash is one with a key.
 */
const CHAINED =
  /^(?<body>.*),"chain":"(?<run>[0-9a-f]{16})\.(?<number>[1-9]\d*)\.(?<hash>[\w-]{43})(?:\.(?<key>[0-9a-f]{16}))?"\}$/s;
const FOLLOWS = /,"follows":"(?<hash>[\w-]{43})"$/;

/** Where the end of a file is looked for: more than a line has. */
const TAIL_BYTES = 1024 * 1024;

export interface ChainedLine {
  readonly body: string;
  readonly run: string;
  readonly number: number;
  readonly hash: string;
  /** Id of the key that it was written with; absent where it was written without. */
  readonly key?: string;
  /** Of the line that was the last one when its run began; of first lines alone. */
  readonly follows?: string;
}

export type LinkedLine = Pick<ChainedLine, 'body' | 'run' | 'number'>;

/** Undefined where a line is none of a chain. */
export function readChained(line: string): ChainedLine | undefined {
  const found = CHAINED.exec(line)?.groups;
  if (!found) return undefined;
  const { body = '', run = '', number, hash: own = '', key } = found;
  const follows = FOLLOWS.exec(body)?.groups?.hash;
  return {
    body,
    run,
    number: Number(number),
    hash: own,
    ...(key !== undefined && { key }),
    ...(follows !== undefined && { follows }),
  };
}

/**
 * The hash of a line, after one of another hash; empty where it is the first.
 *
 * @param key - Nobody without it can make the hash. Run and number count with it, so that no line can be told as one of another place.
 */
export function linkOf(before: string, { body, run, number }: LinkedLine, key?: Buffer): string {
  if (!key) return hash('sha256', `${before}\n${body}`, 'base64url');
  return createHmac('sha256', key).update(`${before}\n${run}.${number}\n${body}`).digest('base64url');
}

/** Ties each line that a gateway writes to the one before, also across rotation, and a run of it to what the file had before. */
export class AuditChain {
  readonly #run = randomBytes(8).toString('hex');
  readonly #path: string;
  readonly #key: AuditKey | undefined;
  #number = 0;
  #hash = '';

  /**
   * @param path - The file that lines go to. It is read when the first line is made.
   * @param key - What lines are written with.
   */
  constructor(path: string, key?: AuditKey) {
    this.#path = path;
    this.#key = key;
  }

  /**
   * The whole line, with its line break.
   *
   * @param body - The object without its closing brace.
   */
  next(body: string): string {
    let start = '';
    let tied = body;
    if (this.#number === 0) {
      const { last, isTorn } = endOf(this.#path);
      // What a crash has left stays a line of its own.
      if (isTorn) start = '\n';
      if (last !== undefined) {
        tied += `,"follows":"${last}"`;
        this.#hash = last;
      }
    }
    this.#number++;
    const [run, number, key] = [this.#run, this.#number, this.#key];
    this.#hash = linkOf(this.#hash, { body: tied, run, number }, key?.bytes);
    return `${start}${tied},"chain":"${run}.${number}.${this.#hash}${key ? `.${key.id}` : ''}"}\n`;
  }
}

/** The hash of the last chained line, of the file or the one that was put aside before it, and whether a crash has left a part of a line. */
function endOf(path: string): { readonly last?: string; readonly isTorn: boolean } {
  const text = tailOf(path);
  const lines = (text === '' ? tailOf(`${path}.1`) : text).split('\n');
  const last = lines.map(readChained).findLast((line) => line !== undefined)?.hash;
  return { isTorn: text !== '' && !text.endsWith('\n'), ...(last !== undefined && { last }) };
}

/** Empty where there is no regular file: opening a pipe might never return. */
function tailOf(path: string): string {
  try {
    if (!statSync(path).isFile()) return '';
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
      return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, size - bytes.length));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}
