import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { builtInDialects, exportState, inspectModule, limitMemory } from '@lockgate/abi';
import { type WarmResult, warmCache } from '@lockgate/cache';
import type { GatewayConfig } from '../config/schema.ts';
import { whyUnreadable } from '../config/why-unreadable.ts';
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
    const ready = prepared.flatMap((one) => ('limited' in one ? [one] : []));
    const warmed = await warmCache({ directory, files: ready.map(({ limited }) => limited) }).catch((error: Error) => {
      throw new CommandFailure(error.message);
    });
    const byPath = new Map(warmed.map((result) => [result.file, result]));
    return prepared.map((one) =>
      'limited' in one ? { ...(byPath.get(one.limited) as WarmResult), file: one.file } : one,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function prepare(
  { file, path, ceilingBytes }: Module,
  limited: string,
): Promise<{ readonly file: string; readonly limited: string } | WarmResult> {
  try {
    const bytes = await readFile(path);
    const dialect = dialectOf(inspectModule(bytes)) ?? builtInDialects[0];
    const maxBytes = ceilingBytes ?? dialect?.memoryCeilingBytes;
    const bounded = maxBytes === undefined ? bytes : limitMemory(bytes, { maxBytes });
    await writeFile(limited, dialect?.parks ? exportState(bounded) : bounded);
    return { file, limited };
  } catch (error) {
    const why = 'syscall' in (error as Error) ? whyUnreadable(error) : (error as Error).message;
    return { file, outcome: 'failed', why, tookMs: 0 };
  }
}

function configured({ plugins, guards }: GatewayConfig): readonly Module[] {
  return [...Object.values(plugins), ...Object.values(guards)].flatMap(({ path, limits }) =>
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
