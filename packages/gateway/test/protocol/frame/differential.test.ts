import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Frame, readFrame, readFrames } from '../../../src/protocol/frame/frame.ts';
import { FrameError } from '../../../src/protocol/frame/frame-error.ts';
import { ObjectText } from '../../../src/protocol/frame/object-text.ts';
import { anyFrameText, frameAndMutants } from './any-frame.ts';
import { parseJson } from './json-oracle.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Beside each text that was made: making one costs more than reading a dozen. */
const MUTANTS = 12;

describe('frames against JSON.parse', () => {
  test('accepts what it should, refuses the rest, and reads what JSON.parse reads', { timeout: 600_000 }, () => {
    let cases = 0;
    let accepted = 0;
    fc.assert(
      fc.property(frameAndMutants(MUTANTS), fc.integer({ min: 1, max: 7 }), (texts, offset) => {
        for (const text of texts) {
          cases++;
          const parsed = parse(text);
          if (checkFrame(text, offset, parsed)) accepted++;
          checkObject(text, parsed);
        }
      }),
      { numRuns: 8_000 },
    );
    expect(cases).toBeGreaterThanOrEqual(100_000);
    expect(accepted).toBeGreaterThan(cases / 20);
  });

  test('a batch has the frames that its elements are alone', () => {
    fc.assert(
      fc.property(fc.array(anyFrameText(), { minLength: 1, maxLength: 4 }), (texts) => {
        const frames = readFrames(Buffer.from(`[${texts.map(String).join(' ,\n')}]`)) as (Frame | FrameError)[];
        for (const [i, text] of texts.entries()) {
          const alone = outcome(() => readFrame(text));
          const found = frames[i] as Frame | FrameError;
          if (alone instanceof FrameError) expect(found).toMatchObject({ rpcCode: -32600, id: alone.id });
          else same(view(found as Frame), view(alone));
        }
        expect(frames).toHaveLength(texts.length);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** As `expect(found).toEqual(wanted)`, which is too slow to be asked a million times. */
function same(found: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(found, wanted)) expect(found).toEqual(wanted);
}

/** @returns Whether the text is a frame. */
function checkFrame(text: Buffer, offset: number, parsed: unknown): boolean {
  const frame = outcome(() => readFrame(text));
  same(
    outcome(() => readFrame(shifted(text, offset))),
    frame,
  );
  if (frame instanceof FrameError) {
    same(frame.rpcCode === -32700, parsed === undefined);
    if (parsed !== undefined) same(isFrame(parsed) && !hasDoubles(String(text)), false);
    return false;
  }
  same(isFrame(parsed), true);
  same(view(frame), expected(parsed));
  return true;
}

/** As any object, doubles and all. */
function checkObject(text: Buffer, parsed: unknown): void {
  const object = outcome(() => ObjectText.read(text));
  same(object instanceof FrameError, !isObject(parsed));
  if (object instanceof FrameError) return;
  same(object.toValue(), parsed);
  same([...object.keys()].sort(), Object.keys(parsed as object).sort());
  for (const key of object.keys()) {
    const value = (parsed as Record<string, unknown>)[key];
    same(object.value(key), value);
    same(parseJson(String(object.bytes(key))), value);
    same(object.object(key)?.toValue(), isObject(value) ? value : undefined);
    const elements = Array.isArray(value) ? value.filter(isObject) : undefined;
    same(
      object.list(key)?.map((item) => item.toValue()),
      elements,
    );
  }
  const unique = outcome(() => ObjectText.read(text, { unique: true }));
  same(unique instanceof FrameError, hasDoubles(String(text)));
}

function outcome<Value>(read: () => Value): Value | FrameError {
  try {
    return read();
  } catch (error) {
    if (error instanceof FrameError) return error;
    throw error;
  }
}

function parse(text: Buffer): unknown {
  try {
    return parseJson(strictUtf8.decode(text));
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same bytes where no word of memory begins. */
function shifted(text: Buffer, offset: number): Buffer {
  const room = Buffer.alloc(text.length + 16, '"');
  text.copy(room, offset);
  return room.subarray(offset, offset + text.length);
}

/** All that a frame says, as plain values. */
function view(frame: Frame): unknown {
  const id = 'id' in frame && frame.id !== undefined ? JSON.parse(String(frame.id)) : undefined;
  if (frame.kind === 'result') return { id, result: members(frame.result) };
  if (frame.kind === 'error') return { id, error: members(frame.error) };
  return { id, method: frame.method, params: frame.params && members(frame.params) };
}

function members(object: ObjectText): unknown {
  return Object.fromEntries(Array.from(object.keys(), (key) => [key, object.value(key)]));
}

function expected(parsed: unknown): unknown {
  const frame = parsed as Record<string, unknown>;
  expect(frame.jsonrpc).toBe('2.0');
  const id = frame.id ?? undefined;
  if ('result' in frame) return { id, result: frame.result };
  if ('error' in frame) return { id, error: frame.error };
  return { id, method: frame.method, params: frame.params };
}

/** What the contract asks of a frame, save for doubles, by values instead of bytes. */
function isFrame(parsed: unknown): boolean {
  if (!isObject(parsed)) return false;
  const { jsonrpc, id, method, params, result, error } = parsed as Record<string, unknown>;
  const has = (key: string): boolean => Object.hasOwn(parsed as object, key);
  const meta = isObject(params) ? (params as Record<string, unknown>)._meta : undefined;
  if (hasLookAlike(parsed, LOOK_ALIKES.frame) || hasLookAlike(params, LOOK_ALIKES.params)) return false;
  if (hasLookAlike(meta, LOOK_ALIKES.meta) || jsonrpc !== '2.0') return false;
  const named = typeof id === 'string' || typeof id === 'number';
  if (has('method')) {
    const call = typeof method === 'string' && (!has('params') || isObject(params)) && (!has('id') || named);
    return call && !has('result') && !has('error');
  }
  if (has('result')) return named && isObject(result) && !has('error');
  return has('error') && isObject(error) && (!has('id') || id === null || named);
}

const LOOK_ALIKES = {
  frame: {
    id: /^id$/iu,
    jsonrpc: /^jsonrpc$/iu,
    method: /^method$/iu,
    params: /^params$/iu,
    result: /^result$/iu,
    error: /^error$/iu,
  },
  params: { name: /^name$/iu, uri: /^uri$/iu, arguments: /^arguments$/iu, _meta: /^_meta$/iu, cursor: /^cursor$/iu },
  meta: { progressToken: /^progressToken$/iu },
};

function hasLookAlike(value: unknown, known: Readonly<Record<string, RegExp>>): boolean {
  if (!isObject(value)) return false;
  return Object.keys(value as object).some((key) =>
    Object.entries(known).some(([name, pattern]) => key !== name && pattern.test(key)),
  );
}

/** Counts the keys by their colons, outside of strings, and those that JSON.parse leaves. */
function hasDoubles(text: string): boolean {
  const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '');
  const written = bare.split(':').length - 1;
  return written !== countKeys(parseJson(text));
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value).reduce((sum: number, item) => sum + countKeys(item), 0);
  return Array.isArray(value) ? inner : inner + Object.keys(value).length;
}
