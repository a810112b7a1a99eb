import {
  type ExportedTool,
  type ModuleReport,
  type PluginCodec,
  type PluginDialect,
  toolProblems,
} from '@lockgate/abi';
import { LinkError } from '../errors.ts';
import { offeredCodec } from './offered-codec.ts';

/**
 * How a module is asked that speaks this dialect, and has these tools where it does not say what they are.
 *
 * @throws RUNTIME_LINK for tools that it has no exports for, or that it says itself
 */
export function codecOf(
  dialect: PluginDialect,
  report: ModuleReport,
  tools: Readonly<Record<string, ExportedTool>> | undefined,
  module: string,
): PluginCodec {
  const problems = toolProblems(dialect, tools, report);
  if (problems.length > 0) throw new LinkError({ module, reason: problems.join('; ') });
  return dialect.toldTools?.codec(tools ?? {}) ?? offeredCodec(dialect, report);
}
