import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];
type Graph = Readonly<Record<string, { readonly imports: readonly Import[] }>>;

interface Import {
  readonly path: string;
  readonly kind: string;
}

/**
 * Bundles into few files what is loaded together. A file that is imported when somebody needs it finds all that its importers have loaded, but the bundler
 * does not know that: what such a file shares with them becomes a file of its own for each set of those that share it, and Node takes longer to find a hundred
 * files and what each of them imports than to read them. So such a file is said to import what is loaded before it.
 *
 * @param programs - What is loaded first: with nothing before it.
 */
export function loadedBefore(programs: readonly string[]): Plugin {
  return {
    name: 'loaded-before',
    async setup(build) {
      const { metafile } = await build.esbuild.build({
        ...build.initialOptions,
        plugins: [],
        packages: 'external',
        metafile: true,
        write: false,
        logLevel: 'silent',
      });
      const added = new Map(
        [...importsToAdd(metafile.inputs, programs)].map(([file, imports]) => [
          resolve(file),
          imports.map((one) => resolve(one)),
        ]),
      );
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const imports = added.get(path);
        if (!imports?.length) return undefined;
        const lines = imports.map((one) => `import ${JSON.stringify(one)};`);
        return { contents: [await readFile(path, 'utf8'), ...lines].join('\n'), loader: 'ts' };
      });
    },
  };
}

/** For each file that is imported when somebody needs it: what is loaded by then, whoever that is, and it does not import itself. */
function importsToAdd(graph: Graph, programs: readonly string[]): Map<string, readonly string[]> {
  const lazy = Object.values(graph).flatMap(({ imports }) => imports.filter(isLazy).map(({ path }) => path));
  const roots = [...new Set([...programs, ...lazy])].filter((file) => file in graph);
  const withStatic = new Map(roots.map((root) => [root, reachedFrom(root, graph)]));
  const askers = new Map(
    roots.map((file) => [
      file,
      roots.filter((root) => {
        const files = withStatic.get(root) ?? new Set();
        if (root !== file && files.has(file)) return true;
        return [...files].some((one) => graph[one]?.imports.some((i) => isLazy(i) && i.path === file));
      }),
    ]),
  );
  const before = new Map<string, ReadonlySet<string>>(programs.map((program) => [program, new Set()]));
  for (let isSettled = false; !isSettled; ) {
    isSettled = true;
    for (const file of roots) {
      if (programs.includes(file)) continue;
      const sets = (askers.get(file) ?? []).flatMap((asker) => {
        const known = before.get(asker);
        return known ? [new Set([...(withStatic.get(asker) ?? []), ...known])] : [];
      });
      const [first, ...others] = sets;
      if (!first) continue;
      const found = new Set([...first].filter((one) => others.every((set) => set.has(one))));
      if (before.get(file)?.size === found.size) continue;
      before.set(file, found);
      isSettled = false;
    }
  }
  // What is a root runs something when it is loaded, or waits for what it has asked for.
  return new Map(
    roots.map((file) => [
      file,
      [...(before.get(file) ?? [])].filter((one) => !roots.includes(one) && !withStatic.get(file)?.has(one)),
    ]),
  );
}

function isLazy({ kind }: Import): boolean {
  return kind === 'dynamic-import';
}

/** A file, and what it imports and waits for. */
function reachedFrom(root: string, graph: Graph): Set<string> {
  const reached = new Set<string>();
  const waiting = [root];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const imports = graph[file]?.imports;
    if (reached.has(file) || !imports) continue;
    reached.add(file);
    waiting.push(...imports.filter((one) => !isLazy(one)).map(({ path }) => path));
  }
  return reached;
}
