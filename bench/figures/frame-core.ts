import { readFrame } from '../../packages/gateway/src/protocol/frame/frame.ts';
import { type Bytes, writeRequest, writeResult } from '../../packages/gateway/src/protocol/frame/write-frame.ts';
import type { Figure } from '../figure.ts';

const SIZES = { '200 B': 200, '2 kB': 2_000, '20 kB': 20_000, '200 kB': 200_000, '2 MB': 2_000_000 };
const KINDS = ['request', 'text', 'JSON in text', 'records', 'non-ASCII'] as const;
const BATCH_BYTES = 4_000_000;
const MOST_FRAMES_IN_BATCH = 20_000;

type Kind = (typeof KINDS)[number];

const WORDS = 'A gateway reads the envelope of a frame, and the payload passes as the bytes that came. ';
const FOREIGN = 'Ein Gateway prüft „Rahmen“ – 封筒だけを読み、中身はそのまま渡す。 Ответ идёт как есть 😀. ';

/** Rows as a database server answers them. */
const rowsOf = (bytes: number): unknown[] =>
  Array.from({ length: Math.max(1, Math.round(bytes / 105)) }, (_, i) => ({
    id: i,
    name: `item ${i}`,
    price: i * 1.25,
    active: i % 3 === 0,
    tags: ['red', 'large'],
    owner: { team: 'core', level: null },
  }));

function frameOf(kind: Kind, bytes: number): Buffer {
  const room = Math.max(20, bytes - 100);
  const jsonrpc = '2.0';
  if (kind === 'request') {
    const params = { name: 'echo', arguments: { text: WORDS.repeat(1 + room / WORDS.length).slice(0, room) } };
    return Buffer.from(JSON.stringify({ jsonrpc, id: 7, method: 'tools/call', params }));
  }
  const result =
    kind === 'records'
      ? { content: [], structuredContent: { rows: rowsOf(room) } }
      : { content: [{ type: 'text', text: textOf(kind, room) }] };
  return Buffer.from(JSON.stringify({ jsonrpc, id: 7, result }));
}

function textOf(kind: Kind, bytes: number): string {
  if (kind === 'JSON in text') return JSON.stringify(rowsOf(bytes * 0.8));
  const unit = kind === 'text' ? WORDS : FOREIGN;
  return unit.repeat(Math.max(1, Math.round(bytes / Buffer.byteLength(unit))));
}

/** What a gateway does that knows frames as values only. */
function parseAndPrint(bytes: Buffer, id: number): Bytes {
  const frame = JSON.parse(bytes.toString()) as Record<string, unknown>;
  frame.id = id;
  return [Buffer.from(JSON.stringify(frame))];
}

function readAndWrite(bytes: Buffer, id: number): Bytes {
  const frame = readFrame(bytes);
  if (frame.kind === 'request') return writeRequest(id, frame.method, frame.params);
  if (frame.kind === 'result') return writeResult(id, frame.result);
  throw new TypeError(`Expected a request or a result, got a frame of kind "${frame.kind}".`);
}

const figures: readonly Figure[] = KINDS.flatMap((kind) =>
  Object.entries(SIZES).map(([size, bytes]) => ({
    name: `frame-core of ${kind}, ${size}: a frame read and written with another id, against JSON.parse and JSON.stringify`,
    unit: 'µs/frame',
    aim: { ratio: 1, better: 'lower' as const },
    setup: async ({ quick }: { readonly quick: boolean }) => {
      const frame = frameOf(kind, bytes);
      const count = Math.min(MOST_FRAMES_IN_BATCH, Math.ceil(BATCH_BYTES / frame.length / (quick ? 4 : 1)));
      const passAll = (pass: typeof readAndWrite): void => {
        let written = 0;
        for (let id = 0; id < count; id++) written += pass(frame, id).length;
        if (written < count) throw new TypeError('Expected each frame to be written.');
      };
      const time = async (pass: typeof readAndWrite): Promise<number> => {
        // The collection before each measurement takes optimised code along whose objects are all gone.
        passAll(pass);
        const start = performance.now();
        passAll(pass);
        return ((performance.now() - start) * 1000) / count;
      };
      return {
        baseline: () => time(parseAndPrint),
        subject: () => time(readAndWrite),
        note: `${frame.length} bytes`,
        [Symbol.asyncDispose]: async () => {},
      };
    },
  })),
);

export default figures;
