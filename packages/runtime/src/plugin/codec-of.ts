import { type ModuleReport, neededFunctions, type PluginCodec, type PluginDialect, toolProblems } from '@lockgate/abi';
import { LinkError } from '../errors.ts';
import type { PluginOptions } from '../options.ts';
import { offeredCodec } from './offered-codec.ts';

/**
 * How a module is asked that speaks this dialect, has these tools where it does not say what they are, and is given these functions.
 *
 * @throws RUNTIME_LINK for tools that it has no exports for, or that it says itself, and for functions that it imports and is not given
 */
export function codecOf(
  dialect: PluginDialect,
  report: ModuleReport,
  { exports: tools, functions }: Pick<PluginOptions, 'exports' | 'functions'>,
  module: string,
): PluginCodec {
  const needed = neededFunctions(dialect, report.imports).filter((name) => !Object.hasOwn(functions ?? {}, name));
  const problems = [...toolProblems(dialect, tools, report), ...lacks(needed)];
  if (problems.length > 0) throw new LinkError({ module, reason: problems.join('; ') });
  return dialect.toldTools?.codec(tools ?? {}) ?? offeredCodec(dialect, report);
}

function lacks(functions: readonly string[]): readonly string[] {
  if (functions.length === 0) return [];
  return [
    `it imports functions that it is not given: ${functions.map((name) => `"${name}"`).join(', ')}; give them as "functions"`,
  ];
}
