import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { decodeComponent } from '@lockgate/abi';
import { componentGuest } from '@lockgate/testkit';
import { exportedFunction } from '../../packages/abi/src/component/exported-function.ts';
import { linkComponent } from '../../packages/abi/src/component/link-component.ts';
import { type Figure, FigureSkipped } from '../figure.ts';

/** Not installed with the rest: 105 MB. */
const JCO = '@bytecodealliance/jco-transpile';

type Call = (...args: unknown[]) => unknown;

/** What jco makes of a component, generated when it is measured: installing it takes 105 MB, so it is no dependency. */
async function openJco(bytes: Uint8Array, folder: string): Promise<Readonly<Record<string, Call>>> {
  const { LOCKGATE_JCO: place } = process.env;
  if (place === undefined || !existsSync(join(place, 'node_modules', JCO)))
    throw new FigureSkipped(`run "npm install ${JCO}" in a folder of its own, and name that folder in LOCKGATE_JCO`);
  const require = createRequire(join(place, 'package.json'));
  const found = pathToFileURL(require.resolve(`${JCO}/component`)).href;
  const { $init, generate } = (await import(found)) as Jco;
  await $init;
  const { files } = generate(bytes, {
    ...{ name: 'component', map: [], instantiation: { tag: 'sync' } },
    ...{ noTypescript: true, noNodejsCompat: true, base64Cutoff: 0, noComponentErrorWrapping: false },
  });
  for (const [name, content] of files)
    writeFileSync(join(folder, name.endsWith('.js') ? `${name.slice(0, -3)}.mjs` : name), content);
  const { instantiate } = (await import(pathToFileURL(join(folder, 'component.mjs')).href)) as {
    readonly instantiate: (code: (name: string) => WebAssembly.Module, imports: object) => Record<string, Call>;
  };
  const byName = new Map(files);
  return instantiate((name) => new WebAssembly.Module(byName.get(name) as BufferSource), {});
}

interface Jco {
  readonly $init: Promise<void>;
  readonly generate: (
    bytes: Uint8Array,
    options: object,
  ) => { readonly files: readonly (readonly [string, Uint8Array])[] };
}

/** The same component as Lockgate links it. */
function openOwn(bytes: Uint8Array): Readonly<Record<string, Call>> {
  const { modules, ...decoded } = decodeComponent(bytes);
  const compiled = modules.map(({ start, end }) => ({
    module: new WebAssembly.Module(bytes.slice(start, end)),
    ownsMemory: true,
  }));
  const host = { functionOf: () => undefined, resourceOf: () => ({ name: '', owner: undefined }) };
  const linked = linkComponent({ ...decoded, modules: compiled }, { host, mostBytes: 16 * 1024 * 1024 });
  return Object.fromEntries(
    decoded.exports.map(({ interfaceName, name }) => {
      const call = exportedFunction(linked, interfaceName, name);
      return [name, (...args) => call(args)];
    }),
  );
}

const errors = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

/** What the engine's own coders and the guest need for `echo`: nothing is checked, counted or known of types. */
function openBare(bytes: Uint8Array): Readonly<Record<string, Call>> {
  const [{ start, end } = { start: 0, end: 0 }] = decodeComponent(bytes).modules;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes.slice(start, end)));
  const { memory, realloc, echo, free } = exports as unknown as BareExports;
  const encoder = new TextEncoder();
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
  const scratch = new Uint8Array(16_384);
  return {
    echo: (text) => {
      const { written } = encoder.encodeInto(text as string, scratch);
      const pointer = realloc(0, 0, 1, written);
      new Uint8Array(memory.buffer, pointer, written).set(scratch.subarray(0, written));
      const answer = echo(pointer, written);
      const view = new DataView(memory.buffer);
      const found = view.getUint32(answer, true);
      const said = decoder.decode(new Uint8Array(memory.buffer, found, view.getUint32(answer + 4, true)));
      free(answer);
      return said;
    },
  };
}

interface BareExports {
  readonly memory: WebAssembly.Memory;
  readonly realloc: (old: number, oldBytes: number, align: number, bytes: number) => number;
  readonly echo: (pointer: number, byteLength: number) => number;
  readonly free: (answer: number) => void;
}

const WORDS = 'The quick brown fox runs';
/** In one piece, as texts come out of JSON. */
const LONG = JSON.parse(JSON.stringify(`${WORDS} — `.repeat(90))) as string;
interface Measured {
  readonly title: string;
  readonly work: (from: Readonly<Record<string, Call>>) => unknown;
  readonly calls: number;
  readonly ratio: number;
}

const ECHO_LONG: Omit<Measured, 'ratio'> = {
  title: 'echo(string) of 2.6 kB, not all of it ASCII',
  work: ({ echo }) => echo?.(LONG),
  calls: 20_000,
};
const CALLS: readonly Measured[] = [
  { title: 'add(u32, u32)', work: ({ add }) => add?.(1, 2), calls: 200_000, ratio: 0.1 },
  { title: 'echo(string) of 24 bytes', work: ({ echo }) => echo?.(WORDS), calls: 100_000, ratio: 0.1 },
  // A tenth of jco's time would be less than the engine's coders take alone.
  { ...ECHO_LONG, ratio: 0.3 },
  { title: 'check(u32), an err', work: ({ check }) => errors(() => check?.(99)), calls: 50_000, ratio: 0.1 },
];

const against = (
  reference: string,
  open: (bytes: Uint8Array, folder: string) => Promise<Readonly<Record<string, Call>>>,
  { title, work, calls, ratio }: Measured,
): Figure => ({
  name: `component call ${title} against ${reference}, in the calling thread`,
  unit: 'µs/call',
  aim: { ratio, better: 'lower' },
  setup: async ({ quick }) => {
    const folder = mkdtempSync(join(tmpdir(), 'lockgate-jco-'));
    const bytes = componentGuest();
    const count = quick ? calls / 10 : calls;
    const measured = (exports: Readonly<Record<string, Call>>) => async (): Promise<number> => {
      const started = performance.now();
      for (let done = 0; done < count; done++) work(exports);
      return ((performance.now() - started) * 1_000) / count;
    };
    const opened = await open(bytes, folder).catch((error: unknown) => {
      rmSync(folder, { recursive: true });
      throw error;
    });
    return {
      baseline: measured(opened),
      subject: measured(openOwn(bytes)),
      note: 'the same component; of both only the functions that cross into the guest, without workers, schemas and JSON',
      [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true }),
    };
  },
});

const PROGRAM = fileURLToPath(new URL('../subjects/component-program.ts', import.meta.url));

/** From the start of the gateway's part of a process to a component's first answer. */
async function restart(component: string, directory: string, lingerMs: number): Promise<number> {
  const child = spawn(process.execPath, ['--no-warnings', PROGRAM, component, directory, String(lingerMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'lockgate-bench-sources') },
  });
  return Number(await text(child.stdout));
}

const restarting: Figure = {
  name: 'component of componentize-js: restart to first result, with the disk cache against without',
  unit: 'ms',
  aim: { ratio: 0.2, better: 'lower' },
  setup: async () => {
    const { LOCKGATE_JS_COMPONENT: component } = process.env;
    if (component === undefined)
      throw new FigureSkipped(
        'build one with componentize-js that exports "greet: func(name: string) -> string", and name it in LOCKGATE_JS_COMPONENT',
      );
    const directory = mkdtempSync(join(tmpdir(), 'lockgate-bench-'));
    await restart(component, directory, 240_000);
    return {
      baseline: () => restart(component, 'none', 0),
      subject: () => restart(component, directory, 0),
      note: 'fresh processes, a worker each; from before the cache and the runtime are opened to the answer of the first call',
      [Symbol.asyncDispose]: async () => rmSync(directory, { recursive: true }),
    };
  },
};

const figures: readonly Figure[] = [
  ...CALLS.map((call) => against('jco', openJco, call)),
  against('the barest loop', async (bytes) => openBare(bytes), { ...ECHO_LONG, ratio: 1.2 }),
  restarting,
];

export default figures;
