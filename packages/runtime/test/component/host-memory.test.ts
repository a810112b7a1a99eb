import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeHttpResponse } from '@lockgate/abi';
import { describe, expect, test } from 'vitest';
import { FileSystem } from '../../src/component/filesystem.ts';
import { HostMemory, type Kept } from '../../src/component/host-memory.ts';
import { FailedRequests } from '../../src/component/http/failed-requests.ts';
import type { FutureResponse, SendHttp } from '../../src/component/http/future-response.ts';
import { httpInterfaces } from '../../src/component/http.ts';
import { NodeDirectory } from '../../src/host/wasi/node-directory.ts';
import { OpenFolder } from '../../src/host/wasi/open-folder.ts';
import { openPlugin } from '../open-plugin.ts';
import { i32Const, store32 } from './core-module.ts';
import { type ToolComponent, toolComponent } from './tool-component.ts';

const MIB = 1_048_576;
/** Of the least that may be kept. */
const LIMIT_MIB = 32;
type Call = (...args: unknown[]) => unknown;
type Answer = { readonly tag: string; readonly val?: unknown };
interface Stream {
  write(bytes: Uint8Array): Answer;
}

/** A guest that calls the functions of WASI by hand, with handles of what it has. */
function guestOf(send: SendHttp = () => '') {
  const memory = new HostMemory(0);
  const handles = new Set<unknown>();
  memory.join(() => handles);
  const underWay = new Set<FutureResponse>();
  memory.join(() => underWay);
  const said: string[] = [];
  let nowMs = 0;
  const interfaces = httpInterfaces({
    send,
    failed: new FailedRequests(
      (line) => said.push(line),
      () => (nowMs += 1_000),
    ),
    memory,
    underWay,
  });
  const of = (name: string, from = 'wasi:http/types'): Call => interfaces[from]?.[name] as Call;
  const kept = <T>(value: T): T => {
    handles.add(value);
    return value;
  };
  const request = () => kept(of('[constructor]outgoing-request')(of('[constructor]fields')()));
  const bodyOf = (made: unknown): Stream => {
    const body = (of('[method]outgoing-request.body')(made) as Answer).val;
    return kept((of('[method]outgoing-body.write')(body) as Answer).val as Stream);
  };
  const sent = (made: unknown): FutureResponse => {
    of('[method]outgoing-request.set-authority')(made, 'a.test');
    handles.delete(made);
    return kept((of('handle', 'wasi:http/outgoing-handler')(made, undefined) as Answer).val as FutureResponse);
  };
  return { memory, handles, of, kept, said, request, bodyOf, sent };
}

/** How often something is done before it is refused. */
function countUntil(isRefused: () => boolean): number {
  for (let count = 0; count < 100_000; count++) if (isRefused()) return count;
  throw new Error('it is never refused');
}

const isError = (answer: unknown): boolean => (answer as Answer).tag === 'err';

describe('what the host keeps for a component', () => {
  test('is a quarter of the ceiling, and 32 MiB at least', () => {
    const taken = (ceilingMib: number): number => {
      const memory = new HostMemory(ceilingMib * MIB);
      const kept = { keptBytes: 0 };
      memory.join(() => [kept]);
      return countUntil(() => {
        if (!memory.takes(MIB)) return true;
        kept.keptBytes += MIB;
        return false;
      });
    };
    expect([taken(16), taken(256), taken(1_024)]).toEqual([32, 64, 256]);
  });

  test('is counted once for everything that there is a handle of, and given back when that is dropped', () => {
    const memory = new HostMemory(0);
    const shared: Kept = { keptBytes: 20 * MIB };
    const [one, other]: Kept[] = [
      { keptBytes: 0, keeps: [shared] },
      { keptBytes: MIB, keeps: [shared, undefined] },
    ];
    const handles = new Set<unknown>([one, other, {}, undefined, 5]);
    const leave = memory.join(() => handles);
    expect(memory.takes(LIMIT_MIB * MIB)).toBe(true);
    expect(memory.takes(12 * MIB)).toBe(false);
    expect(memory.takes(11 * MIB)).toBe(true);
    handles.delete(one);
    expect(memory.takes(12 * MIB)).toBe(false);
    leave();
    expect(memory.takes(LIMIT_MIB * MIB)).toBe(true);
  });

  test('bodies fail as streams do, however small the pieces, and have room again when some are dropped', () => {
    const guest = guestOf();
    const part = new Uint8Array(MIB);
    const write = (): boolean => {
      const answer = guest.bodyOf(guest.request()).write(part);
      if (!isError(answer)) return false;
      expect(String((answer as { val: { val: Error } }).val.val.message)).toMatch(/32 MiB .*memoryCeilingBytes/);
      return true;
    };
    expect(countUntil(write)).toBe(LIMIT_MIB);
    guest.handles.clear();
    expect(write()).toBe(false);
    const small = guest.bodyOf(guest.request());
    for (let written = 0; written < 100_000; written++) expect(small.write(part.subarray(0, 1)).tag).toBe('ok');
    expect((small as unknown as { keeps: readonly Kept[] }).keeps[0]?.keptBytes).toBe(131_072);
  });

  test('headers end the guest, since no function says that they are too many', () => {
    const guest = guestOf();
    const value = new Uint8Array(131_000).fill(65);
    const append = () => guest.of('[method]fields.append')(guest.kept(guest.of('[constructor]fields')()), 'x', value);
    expect(() => countUntil(() => isError(append()))).toThrow(/32 MiB of headers.*drop what is used no more/);
    const [first] = guest.handles;
    expect(() => guest.of('[method]fields.clone')(first)).toThrow(/32 MiB/);
    expect(guest.handles.size).toBeLessThan(270);
  });

  test.each([
    ['path-with-query', (text: string) => `/${text}`],
    ['authority', (text: string) => text],
    ['method', (val: string) => ({ tag: 'other', val })],
    ['scheme', (val: string) => ({ tag: 'other', val })],
  ])('the %s of requests is refused', (name, textOf) => {
    const guest = guestOf();
    const value = textOf('a'.repeat(MIB / 2));
    expect(
      countUntil(() => isError(guest.of(`[method]outgoing-request.set-${name}`)(guest.request(), value))),
    ).toSatisfy((count: number) => count === LIMIT_MIB || count === LIMIT_MIB - 1);
  });

  test('answers that it cannot keep are failed requests, and nobody has to look for them', () => {
    const answer = encodeHttpResponse({ status: 200, headers: {}, body: new Uint8Array(5 * MIB) }, { rawBody: true });
    const arriving: { answer: string | undefined }[] = [];
    const guest = guestOf(() => {
      arriving.push({ answer: undefined });
      return arriving.at(-1) as { answer: string | undefined };
    });
    const get = (future: FutureResponse) => future.get() as Answer | undefined;
    const futures = Array.from({ length: 8 }, () => guest.sent(guest.request()));
    for (const future of futures) expect(get(future)).toBeUndefined();
    for (const one of arriving) one.answer = answer;
    guest.sent(guest.request()).get();
    expect(guest.said).toHaveLength(2);
    expect(guest.said[0]).toContain('32 MiB');
    const ends = futures.map((future) => (get(future) as Answer).val).map((val) => (val as Answer).tag);
    expect(ends).toEqual([...Array<string>(6).fill('ok'), 'err', 'err']);
  });

  test('a request that has been sent counts until it is answered, although it was dropped', () => {
    const guest = guestOf(() => ({ answer: undefined }));
    const isRefused = (): boolean => {
      const made = guest.request();
      const stream = guest.bodyOf(made);
      if (isError(stream.write(new Uint8Array(MIB)))) return true;
      guest.sent(made).get();
      guest.handles.clear();
      return guest.said.length > 0;
    };
    expect(countUntil(isRefused)).toBeLessThan(LIMIT_MIB);
  });

  test('the names of a directory are refused for want of memory', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockgate-many-'));
    try {
      for (let number = 0; number < 500; number++) writeFileSync(join(folder, `${'n'.repeat(200)}${number}`), '');
      const { memory, kept } = guestOf();
      const place = OpenFolder.placeOf(folder);
      const grant = { path: folder, place, writable: false };
      const files = new FileSystem([() => NodeDirectory.granted(grant)], memory);
      const directories = files.interfaces['wasi:filesystem/preopens']?.['get-directories'] as unknown as Call;
      const [[root]] = directories() as [[unknown]];
      const read = files.interfaces['wasi:filesystem/types']?.['[method]descriptor.read-directory'] as unknown as Call;
      let last: Answer = { tag: 'ok' };
      const isRefused = (): boolean => {
        last = read(root) as Answer;
        kept(last.val);
        return isError(last);
      };
      expect(countUntil(isRefused)).toBeLessThan(200);
      expect(last.val).toBe('insufficient-memory');
      files.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const TYPES = 'wasi:http/types';
const I32 = 'i32' as const;
const imports: NonNullable<ToolComponent['imports']> = {
  [TYPES]: {
    fields: null,
    '[constructor]fields': { params: {}, result: { own: 0 } },
    '[method]fields.append': {
      params: { self: { borrow: 0 }, name: 'string', value: { list: 'u8' } },
      result: { result: [null, { variant: { 'invalid-syntax': null, forbidden: null, immutable: null } }] },
    },
  },
};
const VALUE = { at: 65_536, byteLength: 130_000 };
/** Makes so many fields with a header of 130 kB, and may drop each. */
const hoarder = (drops: boolean): Uint8Array =>
  toolComponent({
    tool: { params: { count: 'u32' } },
    params: [I32],
    imports,
    lowered: [
      { from: TYPES, name: '[constructor]fields', params: [], results: [I32] },
      { from: TYPES, name: '[method]fields.append', params: [I32, I32, I32, I32, I32, I32], results: [] },
    ],
    drops: [`${TYPES}#fields`],
    pages: 4,
    code: [
      ...[...i32Const(VALUE.at), ...i32Const(65), ...i32Const(VALUE.byteLength), 0xfc, 0x0b, 0], // memory.fill
      ...[0x03, 0x40], // loop
      ...store32(64, [0x10, 0]),
      ...[...i32Const(64), 0x28, 2, 0],
      ...[...i32Const(VALUE.at), ...i32Const(1), ...i32Const(VALUE.at), ...i32Const(VALUE.byteLength)],
      ...[...i32Const(128), 0x10, 1],
      ...(drops ? [...i32Const(64), 0x28, 2, 0, 0x10, 2] : []),
      ...[0x20, 0, ...i32Const(1), 0x6b, 0x22, 0, 0x0d, 0], // as long as the count goes down
      0x0b,
    ],
  });

describe.each(['inline', 'worker'] as const)('a component, %s', (isolation) => {
  test('that keeps what it makes is ended, and has all of it again in the next call', async () => {
    await using opened = await openPlugin(hoarder(false), { isolation });
    const run = (count: number) => opened.plugin.execute('run', { count });
    for (let call = 0; call < 3; call++) expect(await run(100)).toMatchObject({ isError: false });
    await expect(run(700)).rejects.toThrow(/the host keeps 64 MiB of headers.*memoryCeilingBytes/);
    expect(await run(100)).toMatchObject({ isError: false });
  });

  test('that drops what it makes may make as much as it wants', async () => {
    await using opened = await openPlugin(hoarder(true), { isolation });
    expect(await opened.plugin.execute('run', { count: 700 })).toMatchObject({ isError: false });
  });
});
