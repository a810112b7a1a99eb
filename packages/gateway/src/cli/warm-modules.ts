import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  builtInDialects,
  COMMAND_CEILING_BYTES,
  decodeComponent,
  exportState,
  inspectModule,
  isComponent,
  limitMemory,
  limitOwnMemories,
  looksLikeCommand,
} from '@lockgate/abi';
import { type WarmResult, warmCache } from '@lockgate/cache';
import { readModule } from '@lockgate/runtime';
import type { GatewayConfig } from '../config/schema.ts';
import { whyUnreadable } from '../config/why-unreadable.ts';
import { commandOrigin } from '../modules/command-origin.ts';
import { dialectOf } from '../modules/inspect-file.ts';
import { CommandFailure, EXIT } from './exit-code.ts';

interface Module {
  readonly file: string;
  readonly path: string;
  /** Where the configuration sets one. */
  readonly ceilingBytes?: number | undefined;
}

/**
 * Compiles modules ahead of time. What the gateway compiles is not the file but the file with its memory ceiling
 * written in and its state exported, so that is what is compiled here too; otherwise the gateway would not find it.
 */
export async function warmModules(
  files: readonly string[],
  config: GatewayConfig,
  directory: string,
  workingFolder: string,
): Promise<readonly WarmResult[]> {
  const modules = files.length > 0 ? named(files, config, workingFolder) : configured(config);
  if (modules.length === 0) throw new CommandFailure('nothing to compile: name a file, or a configuration', EXIT.usage);
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-warm-'));
  try {
    const prepared = await Promise.all(modules.map((module, index) => prepare(module, join(folder, `${index}.wasm`))));
    const ready = prepared.flatMap((one) => ('limited' in one ? one.limited : []));
    const warmed = await warmCache({ directory, files: ready }).catch((error: Error) => {
      throw new CommandFailure(error.message);
    });
    const byPath = new Map(warmed.map((result) => [result.file, result]));
    return prepared.map((one) =>
      'limited' in one
        ? joined(
            one.file,
            one.limited.map((path) => byPath.get(path) as WarmResult),
          )
        : one,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function prepare(
  { file, path, ceilingBytes }: Module,
  limited: string,
): Promise<{ readonly file: string; readonly limited: readonly string[] } | WarmResult> {
  try {
    const bytes = await readModule(path);
    const report = inspectModule(bytes);
    const dialect = looksLikeCommand(report) ? undefined : (dialectOf(report) ?? builtInDialects[0]);
    const maxBytes = ceilingBytes ?? dialect?.memoryCeilingBytes ?? COMMAND_CEILING_BYTES;
    if (isComponent(bytes)) return { file, limited: await writeModules(bytes, maxBytes, limited) };
    const bounded = limitMemory(bytes, { maxBytes });
    await writeFile(limited, dialect?.parks ? exportState(bounded) : bounded);
    return { file, limited: [limited] };
  } catch (error) {
    const why = 'syscall' in (error as Error) ? whyUnreadable(error) : (error as Error).message;
    return { file, outcome: 'failed', why, tookMs: 0 };
  }
}

/** The core modules of a component, each in a file of its own. */
async function writeModules(bytes: Uint8Array, maxBytes: number, path: string): Promise<readonly string[]> {
  const modules = decodeComponent(bytes).modules.map(({ start, end }) => bytes.subarray(start, end));
  return Promise.all(
    limitOwnMemories(modules, maxBytes).map(async (module, index) => {
      const file = `${path}-${index}`;
      await writeFile(file, module.bytes);
      return file;
    }),
  );
}

/** What became of a file of several modules: the first that failed, else the first that there is an entry of. */
function joined(file: string, results: readonly WarmResult[]): WarmResult {
  const order = ['failed', 'written', 'present', 'skipped'] as const;
  const first = order.map((outcome) => results.find((one) => one.outcome === outcome)).find((one) => one !== undefined);
  const entryBytes = results.reduce((sum, one) => sum + (one.entryBytes ?? 0), 0);
  const tookMs = results.reduce((sum, one) => sum + one.tookMs, 0);
  const { outcome, why } = first ?? { outcome: 'skipped' as const, why: undefined };
  return { file, outcome, ...(why !== undefined && { why }), ...(entryBytes > 0 && { entryBytes }), tookMs };
}

function configured({ plugins, guards, mcpServers }: GatewayConfig): readonly Module[] {
  const servers = Object.values(mcpServers).flatMap((entry) => (entry.type === 'wasm' ? [commandOrigin(entry)] : []));
  return [...Object.values(plugins), ...Object.values(guards), ...servers].flatMap(({ path, limits }) =>
    path === undefined ? [] : [{ file: path, path, ceilingBytes: limits.memoryCeilingBytes }],
  );
}

function named(files: readonly string[], config: GatewayConfig, workingFolder: string): readonly Module[] {
  const known = configured(config);
  return files.map((file) => {
    const path = resolve(workingFolder, file);
    return { file, path, ceilingBytes: known.find((module) => module.path === path)?.ceilingBytes };
  });
}
