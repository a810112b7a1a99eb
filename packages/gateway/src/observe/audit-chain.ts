import { hash, randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** How a line of the audit log ends: the run of a gateway that wrote it, its number there, and a hash over it and all lines before it. */
const CHAINED = /^(?<body>.*),"chain":"(?<run>[0-9a-f]{16})\.(?<number>[1-9]\d*)\.(?<hash>[\w-]{43})"\}$/s;
const FOLLOWS = /,"follows":"(?<hash>[\w-]{43})"$/;

/** Where the end of a file is looked for: more than a line has. */
const TAIL_BYTES = 1024 * 1024;

export interface ChainedLine {
  readonly body: string;
  readonly run: string;
  readonly number: number;
  readonly hash: string;
  /** Of the line that was the last one when its run began; of first lines alone. */
  readonly follows?: string;
}

/** Undefined where a line is none of a chain. */
export function readChained(line: string): ChainedLine | undefined {
  const found = CHAINED.exec(line)?.groups;
  if (!found) return undefined;
  const { body = '', run = '', number, hash: own = '' } = found;
  const follows = FOLLOWS.exec(body)?.groups?.hash;
  return { body, run, number: Number(number), hash: own, ...(follows !== undefined && { follows }) };
}

/** The hash of a line that begins so, after one of another hash; empty where it is the first. */
export function linkOf(before: string, body: string): string {
  return hash('sha256', `${before}\n${body}`, 'base64url');
}

/** Ties each line that a gateway writes to the one before, also across rotation, and a run of it to what the file had before. */
export class AuditChain {
  readonly #run = randomBytes(8).toString('hex');
  readonly #path: string;
  #number = 0;
  #hash = '';

  /** @param path - The file that lines go to. It is read when the first line is made. */
  constructor(path: string) {
    this.#path = path;
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
    this.#hash = linkOf(this.#hash, tied);
    return `${start}${tied},"chain":"${this.#run}.${this.#number}.${this.#hash}"}\n`;
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
