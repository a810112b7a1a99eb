import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** A real module, and something to do with it. */
export interface Workload {
  readonly wasm: string;
  /** Instantiates the module and makes it ready; the answer does one piece of work and returns its result. */
  readonly start: (module: WebAssembly.Module) => Promise<() => Promise<string> | string>;
}

const require = createRequire(import.meta.url);
const beside = (entry: string, file: string): string => new URL(file, `file://${require.resolve(entry)}`).pathname;

const PYTHON = Array.from(
  { length: 120 },
  (_, i) => `import os, sys
def f${i}(a, b=[], *, c: "int"=${i}):
    x = {'a':a, "b" : b, 'c':[y*2 for y in range(a) if y % ${i + 1} == 0]}
    try:
        return sorted(x.items(), key=lambda  kv: kv[1]) + list( map(str, x.values()) )
    except: pass
class C${i}(object):
    def m(self, *args, **kwargs): return f"{f${i}(1)!r:>{10}}" if self is not None else None
`,
).join('\n');

const TYPESCRIPT = Array.from(
  { length: 150 },
  (_, i) => `interface Shape${i} { readonly kind: 'a' | 'b'; size: number; children?: Shape${i}[] }
export async function walk${i}<T extends Shape${i}>(root: T, visit: (shape: Shape${i}) => Promise<void>): Promise<number> {
  let count = 0
  for (const child of root.children ?? []) { if (child.kind === 'a') { await visit(child); count += await walk${i}(child, visit) } else count++ }
  const text = \`\${root.kind}-\${count > ${i} ? 'many' : "few"}\`.replace(/[aeiou]/g, (vowel) => vowel.toUpperCase())
  return text.length > 3 ? count : { ...root, ...{ size: count ** 2 } }.size
}`,
).join('\n');

const JAVASCRIPT = `
  const words = Array.from({ length: 400 }, (_, i) => 'w' + ((i * 7919) % 1009).toString(36));
  const upper = words.toSorted().map((word) => word.replace(/[aeiou]/g, (vowel) => vowel.toUpperCase()));
  let sum = 0;
  for (let i = 1; i < 40000; i++) sum = (sum * 31 + Math.floor(i / 7)) % 1000003;
  JSON.stringify({ first: upper.slice(0, 5), sum })`;

/** The modules by the name their figures have. */
export const workloads: Readonly<Record<string, Workload>> = {
  'parser-0.2MB': {
    wasm: beside('web-tree-sitter', './web-tree-sitter.wasm'),
    start: async (module) => {
      const treeSitter = await import('web-tree-sitter');
      const instantiateWasm = (
        imports: WebAssembly.Imports,
        done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
      ) => {
        const instance = new WebAssembly.Instance(module, imports);
        done(instance, module);
        return instance.exports;
      };
      await treeSitter.Parser.init({ instantiateWasm } as object);
      return () => {
        const parser = new treeSitter.Parser();
        parser.reset();
        parser.delete();
        return String(treeSitter.LANGUAGE_VERSION);
      };
    },
  },
  'language-runtime-0.5MB': {
    wasm: require.resolve('@jitl/quickjs-wasmfile-release-sync/wasm'),
    start: async (wasmModule) => {
      const { newQuickJSWASMModuleFromVariant, newVariant } = await import('quickjs-emscripten-core');
      const { default: variant } = await import('@jitl/quickjs-wasmfile-release-sync');
      const runtime = await newQuickJSWASMModuleFromVariant(newVariant(variant as never, { wasmModule }) as never);
      return () => String(runtime.evalCode(JAVASCRIPT));
    },
  },
  'database-1MB': {
    wasm: beside('node-sqlite3-wasm', './node-sqlite3-wasm.wasm'),
    start: async (module) => {
      const { Database } = requireWith('node-sqlite3-wasm', module) as typeof import('node-sqlite3-wasm');
      const database = new Database();
      database.exec('create table t (id integer primary key, word text, n real)');
      return () => {
        database.exec('begin; delete from t');
        for (let i = 0; i < 300; i++) database.run('insert into t (word, n) values (?, ?)', [`word ${i % 37}`, i / 3]);
        database.exec('commit');
        return JSON.stringify(
          database.all('select word, count(*) c, sum(n) s from t group by word having c > 3 order by s desc limit 5'),
        );
      };
    },
  },
  'formatter-10MB': {
    wasm: beside('@astral-sh/ruff-wasm-nodejs', './ruff_wasm_bg.wasm'),
    start: async (module) => {
      const { Workspace } = requireWith(
        '@astral-sh/ruff-wasm-nodejs',
        module,
      ) as typeof import('@astral-sh/ruff-wasm-nodejs');
      const workspace = new Workspace({ lint: { select: ['ALL'] } }, 1);
      return () => `${workspace.format(PYTHON).length} ${workspace.check(PYTHON).length}`;
    },
  },
  'bundler-14MB': {
    wasm: beside('esbuild-wasm/package.json', './esbuild.wasm'),
    start: async (wasmModule) => {
      Object.assign(globalThis, { self: globalThis }); // its browser build runs in this thread, without a process
      const esbuild = require('esbuild-wasm/lib/browser.js') as typeof import('esbuild-wasm');
      await esbuild.initialize({ wasmModule, worker: false });
      const stdin = { contents: TYPESCRIPT, loader: 'ts' as const };
      return async () => {
        const { outputFiles } = await esbuild.build({
          stdin,
          bundle: true,
          minify: true,
          format: 'esm',
          target: 'es2017',
          write: false,
        });
        return String(outputFiles[0]?.text.length);
      };
    },
  },
  'linter-45MB': {
    wasm: beside('@biomejs/wasm-nodejs', './biome_wasm_bg.wasm'),
    start: async (module) => {
      const { Workspace } = requireWith('@biomejs/wasm-nodejs', module) as typeof import('@biomejs/wasm-nodejs');
      const workspace = new Workspace();
      const { projectKey } = workspace.openProject({ path: '/', openUninitialized: true });
      let version = 0;
      return () => {
        const path = `/file${version++}.ts`;
        workspace.openFile({
          projectKey,
          path,
          content: { type: 'fromClient', content: TYPESCRIPT, version: 0 },
        } as never);
        const { code } = workspace.formatFile({ projectKey, path }) as { code: string };
        workspace.closeFile({ projectKey, path });
        return String(code.length);
      };
    },
  },
};

/** The bytes of a workload's module. */
export function wasmOf({ wasm }: Workload): Uint8Array<ArrayBuffer> {
  return readFileSync(wasm);
}

// These packages compile their own file as they load; they get the module that the cache, or the engine, gave us.
function requireWith(name: string, module: WebAssembly.Module): unknown {
  const { Module } = WebAssembly;
  const given = function (this: unknown) {
    return module;
  };
  WebAssembly.Module = Object.assign(given, { prototype: Module.prototype }) as unknown as typeof Module;
  try {
    return require(name);
  } finally {
    WebAssembly.Module = Module;
  }
}
