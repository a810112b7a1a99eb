import type { ModuleReport, PluginCodec, PluginDialect } from '@lockgate/abi';

/** The codec of a dialect without the operations whose export is optional and which this module left out. */
export function offeredCodec({ codec, exports }: PluginDialect, report: Pick<ModuleReport, 'exports'>): PluginCodec {
  const given = new Set(report.exports.map(({ name }) => name));
  const isLeftOut = (exportName: string): boolean =>
    !given.has(exportName) && exports.some(({ names, optional }) => optional === true && names.includes(exportName));
  const offered = Object.entries(codec).filter(([, operation]) => !isLeftOut(operation.exportName));
  return Object.fromEntries(offered) as unknown as PluginCodec;
}
