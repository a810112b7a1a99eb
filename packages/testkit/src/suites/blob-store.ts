import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SuiteWriter, type Supports, type TestApi } from '../test-api.ts';
import { type FaultyFs, type FsFault, faultyFs } from '../tools/faulty-fs.ts';
import { idle } from '../tools/idle.ts';
import { inTime } from '../tools/in-time.ts';
import { blobContent, NEW, OLD } from './blob-contents.ts';

/** What the blob store suite needs: bytes under keys, on disk. */
export interface BlobStoreSubject {
  /** Undefined where there is nothing that may be used. */
  read(key: string): Promise<Uint8Array | undefined>;
  write(key: string, bytes: Uint8Array): Promise<void>;
  /** Changes what lies on disk under a key, behind the store's back. */
  tamper?(key: string, change: (stored: Uint8Array) => Uint8Array): Promise<void>;
  close?(): Promise<void>;
}

/** How the suite wants its subject. */
export interface CreateBlobStoreOptions {
  /** An empty directory, or one that another store of the same test has used. */
  readonly directory: string;
  /** Put the store's file system port through this before use. */
  wrap<P extends object>(port: P): P;
}

/** What the blob store suite may want of a subject. Everything counts as supported unless it is declared `false`. */
export type BlobStoreAbility =
  /** The file system port can be put through `wrap`. Without it nothing is known of a death or a full disk. */
  | 'wrap'
  /** `tamper()`, and that `read` finds damage. */
  | 'tamper';

/** A subject's factory and what it can do. */
export interface BlobStoreOptions {
  create(options: CreateBlobStoreOptions): Promise<BlobStoreSubject>;
  readonly supports?: Supports<BlobStoreAbility>;
  /** A module that exports this `create`, for the test with two processes. @default none: that test is skipped */
  readonly program?: URL;
}

/** Entries are whole or absent, whatever happens to the process or the disk while they are written. */
export function blobStoreSuite(t: TestApi, options: BlobStoreOptions): void {
  const { program } = options;
  const suite = new SuiteWriter(t, { ...options.supports, program: program !== undefined });

  t.describe('blob store', () => {
    suite.it('gives back what was written, also to another store on the same directory', async () => {
      await using place = await newPlace(options);
      const store = await place.open();
      await store.write('key', OLD);
      await store.write('key', NEW);
      await store.write('kindred', OLD);
      assert.equal(same(await store.read('key'), NEW), true);
      const second = await place.open();
      assert.equal(same(await second.read('key'), NEW), true);
      assert.equal(same(await second.read('kindred'), OLD), true);
      assert.equal(await second.read('absent'), undefined);
    });

    suite.it('what a reader was given is the reader’s own', async () => {
      await using place = await newPlace(options);
      const store = await place.open();
      await store.write('old', OLD);
      await store.write('new', NEW);
      const first = await inTime(store.read('old'), 'a read');
      await inTime(store.read('new'), 'another read');
      const remedy = 'Give every reader bytes of its own: a buffer that is used again changes under whoever has it';
      assert.equal(same(first, OLD), true, `what one read gave was changed by the next. ${remedy}`);
      const second = await inTime(store.read('old'), 'the first read once more');
      first?.fill(0);
      assert.equal(same(second, OLD), true, `two readers were given one and the same buffer. ${remedy}`);
      const again = await inTime(store.read('old'), 'the same read once more');
      assert.equal(same(again, OLD), true, `a reader who writes into its bytes changes those of the next. ${remedy}`);
    });

    suite.it('of many writers of one key, one wins whole', async () => {
      await using place = await newPlace(options);
      const stores = await Promise.all([place.open(), place.open()]);
      const contents = Array.from({ length: 16 }, (_, writer) => blobContent(`${writer}`, 10_000 + writer));
      const writes = contents.map((bytes, writer) => stores[writer % 2]?.write('key', bytes));
      await inTime(Promise.allSettled(writes), 'the writers');
      const found = await (await place.open()).read('key');
      assert.ok(
        contents.some((bytes) => same(found, bytes)),
        `${found?.byteLength} bytes that nobody wrote`,
      );
    });

    suite.itWith(['program'], 'two processes write one key, and nobody ever reads half of it', async () => {
      await using place = await newPlace(options);
      const store = await place.open();
      using writer = fork(WRITER, [String(program), place.directory], { execArgv: FROM_SOURCE });
      const ended = once(writer, 'exit');
      await inTime(Promise.race([once(writer, 'message'), ended]), 'the other process beginning to write');
      for (let round = 0; writer.exitCode === null && writer.signalCode === null; round += 1) {
        const found = await store.read('key');
        assert.equal(
          same(found, OLD) || same(found, NEW),
          true,
          `${found?.byteLength ?? 'no'} bytes, neither old nor new`,
        );
        await store.write('key', round % 2 === 0 ? NEW : OLD);
        await idle(1);
      }
      assert.deepEqual(await inTime(ended, 'the other process'), [0, null]);
    });

    suite.itWith(['wrap'], 'a process that dies, at any step, leaves the old entry or the new', async () => {
      for await (const { place, store, faulty } of everyFault(options, { kind: 'stop' })) {
        const writing = attempt(() => store.write('key', NEW));
        await inTime(Promise.race([writing, faulty.struck]), 'the write, or the death');
        await oldOrNew(place, faulty.operations);
      }
    });

    suite.itWith(['wrap'], 'a process that dies in the middle of writing leaves the old entry or the new', async () => {
      for await (const { place, store, faulty } of everyFault(options, { kind: 'truncate' }, /^write/)) {
        const writing = attempt(() => store.write('key', NEW));
        await inTime(Promise.race([writing, faulty.struck]), 'the write, or the death');
        await oldOrNew(place, faulty.operations);
      }
    });

    suite.itWith(['wrap'], 'a process that dies, at any step, hinders nobody after it', async () => {
      for await (const { place, store, faulty } of everyFault(options, { kind: 'stop' })) {
        const writing = attempt(() => store.write('key', OLD));
        await inTime(Promise.race([writing, faulty.struck]), 'the write, or the death');
        const next = await place.open();
        const where = `after a death in ${faulty.operations.at(-1)}`;
        await inTime(next.write('key', NEW), `a write ${where}`);
        assert.equal(same(await next.read('key'), NEW), true, where);
      }
    });

    suite.itWith(['wrap'], 'a disk that fails, at any step, leaves the old entry or the new', async () => {
      for await (const { place, store, faulty } of everyFault(options, { kind: 'fail', code: 'ENOSPC' })) {
        await inTime(
          attempt(() => store.write('key', NEW)),
          'the write on a full disk',
        );
        await oldOrNew(place, faulty.operations);
      }
    });

    suite.itWith(['wrap'], 'a write that fails says so', async () => {
      for await (const { store, faulty } of everyFault(options, { kind: 'fail', code: 'ENOSPC' })) {
        const [end] = await inTime(Promise.allSettled([store.write('key', NEW)]), 'the write on a full disk');
        if (end.status === 'rejected') continue;
        assert.equal(
          same(await store.read('key'), NEW),
          true,
          `the write resolved, ${faulty.operations.at(-1)} having failed, and what was written is not there. ` +
            'Reject when the new entry is not in place: only its writer can write it again',
        );
      }
    });

    suite.itWith(['wrap'], 'a failed write leaves no file behind', async () => {
      await using clean = await newPlace(options);
      for (const bytes of [OLD, NEW]) await (await clean.open()).write('key', bytes);
      const usual = await filesIn(clean);
      for await (const { place, store, faulty } of everyFault(options, { kind: 'fail', code: 'ENOSPC' })) {
        await inTime(
          attempt(() => store.write('key', NEW)),
          'the write on a full disk',
        );
        const where = `after a failure in ${faulty.operations.join(', ')}`;
        await inTime(
          attempt(() => store.write('key', NEW)),
          `the next write, ${where}`,
        );
        const files = await filesIn(place);
        assert.ok(
          files.length <= usual.length,
          `${where}: ${files.join(', ')}. Without one: ${usual.join(', ')}. ` +
            'Remove the temporary file when writing or renaming it fails: on a full disk every one of them counts',
        );
      }
    });

    suite.itWith(['wrap'], 'after a failed write the next one works', async () => {
      for await (const { store, faulty } of everyFault(options, { kind: 'fail', code: 'ENOSPC' })) {
        await inTime(
          attempt(() => store.write('key', NEW)),
          'the write on a full disk',
        );
        const where = `after a failure in ${faulty.operations.at(-1)}`;
        await inTime(store.write('next', OLD), `the next write, ${where}`);
        assert.equal(same(await store.read('next'), OLD), true, where);
      }
    });

    suite.itWith(['tamper'], 'an entry under another key’s name is as good as absent', async () => {
      await using place = await newPlace(options);
      const store = await place.open();
      await store.write('key', OLD);
      await store.tamper?.('key', (bytes) => flipped(bytes, bytes.byteLength - 1));
      if ((await store.read('key')) !== undefined) return; // damage that goes unnoticed is for the test below
      await store.write('key', OLD);
      await store.write('other', NEW);
      let stored: Uint8Array = new Uint8Array();
      await store.tamper?.('key', (bytes) => {
        stored = bytes.slice();
        return bytes;
      });
      await store.tamper?.('other', () => stored);
      const found = await inTime(store.read('other'), 'reading an entry that lies in another’s place');
      // Found bytes are compared apart from the assertion, which would take its time to print all of them.
      const remedy = 'Put the key into what the checksum is made of, or beside it, and compare it when reading';
      assert.ok(found === undefined, `a file that was copied over another is whole, and yet not its entry. ${remedy}`);
    });

    suite.itWith(['tamper'], 'an entry that was damaged is as good as absent, and can be written again', async () => {
      await using place = await newPlace(options);
      const store = await place.open();
      for (const [title, change] of DAMAGES) {
        await store.write('key', NEW);
        await store.tamper?.('key', change);
        const found = await inTime(store.read('key'), `reading an entry that was ${title}`);
        assert.ok(found === undefined, `an entry that was ${title} was read as if it were whole`);
        await store.write('key', NEW);
        assert.equal(same(await store.read('key'), NEW), true, `written again after it was ${title}`);
      }
    });
  });
}

const DAMAGES: readonly (readonly [title: string, change: (stored: Uint8Array) => Uint8Array])[] = [
  ['emptied', () => new Uint8Array()],
  ['cut by its last byte', (stored) => stored.subarray(0, -1)],
  ['cut in half', (stored) => stored.subarray(0, stored.byteLength >> 1)],
  ['lengthened', (stored) => Uint8Array.of(...stored, 0)],
  ['flipped in its first bit', (stored) => flipped(stored, 0)],
  ['flipped in its last bit', (stored) => flipped(stored, stored.byteLength - 1)],
  ['flipped in its middle', (stored) => flipped(stored, stored.byteLength >> 1)],
  ['zeroed', (stored) => new Uint8Array(stored.byteLength)],
];

function flipped(stored: Uint8Array, at: number): Uint8Array {
  const copy = stored.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

const HERE_IS_SOURCE = import.meta.url.endsWith('.ts');
const WRITER = new URL(HERE_IS_SOURCE ? './blob-writer-entry.ts' : './blob-writer-entry.js', import.meta.url);
const FROM_SOURCE = HERE_IS_SOURCE ? ['--conditions=@lockgate/source'] : [];

interface Place extends AsyncDisposable {
  readonly directory: string;
  open(wrap?: CreateBlobStoreOptions['wrap']): Promise<BlobStoreSubject>;
}

async function newPlace(options: BlobStoreOptions): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'lockgate-testkit-'));
  const stores: BlobStoreSubject[] = [];
  return {
    directory,
    open: async (wrap) => {
      const store = await options.create({ directory, wrap: wrap ?? ((port) => port) });
      if (!wrap) stores.push(store); // one with a fault may be dead, and is not asked to close
      return store;
    },
    [Symbol.asyncDispose]: async () => {
      for (const store of stores) await store.close?.();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/**
 * A store with an old entry, once for each operation that writing a new one takes, with the fault at that operation. Opening the
 * store is spared.
 */
async function* everyFault(options: BlobStoreOptions, fault: Omit<FsFault, 'at'>, operations = /./) {
  const start = async (place: Place, at?: number) => {
    await (await place.open()).write('key', OLD);
    const ports: FaultyFs<object>[] = [];
    const store = await place.open((port) => {
      const faulty = faultyFs(port, at === undefined ? undefined : { ...fault, at });
      ports.push(faulty);
      return faulty.fs as typeof port;
    });
    const [faulty] = ports;
    assert.ok(faulty, 'the subject has to put its file system port through "wrap", or to declare `wrap: false`');
    return { place, store, faulty };
  };

  await using counting = await newPlace(options);
  const { store, faulty } = await start(counting);
  const opened = faulty.operations.length;
  await store.write('key', NEW);
  const written = [...faulty.operations];
  for (let at = opened + 1; at <= written.length; at += 1) {
    if (!operations.test(written[at - 1] ?? '')) continue;
    await using place = await newPlace(options);
    yield await start(place, at);
  }
}

async function oldOrNew(place: Place, operations: readonly string[]): Promise<void> {
  const found = await (await place.open()).read('key');
  const whole = same(found, OLD) || same(found, NEW);
  assert.equal(
    whole,
    true,
    `after ${operations.join(', ')} there are ${found?.byteLength ?? 'no'} bytes, neither old nor new`,
  );
}

async function filesIn({ directory }: Place): Promise<readonly string[]> {
  return readdir(directory, { recursive: true });
}

async function attempt(work: () => Promise<void>): Promise<void> {
  await work().catch(() => undefined);
}

function same(left: Uint8Array | undefined, right: Uint8Array): boolean {
  return left !== undefined && Buffer.compare(left, right) === 0;
}
