import type { ModuleReport, PluginCodec, PluginDialect } from '@lockgate/abi';

/** The codec of a dialect without the operations whose export is optional and which this module left out; of its methods there are those that are exported with what they need. */
export function offeredCodec({ codec, exports }: PluginDialect, report: Pick<ModuleReport, 'exports'>): PluginCodec {
  const given = new Set(report.exports.map(({ name }) => name));
  const isLeftOut = (exportName: string): boolean =>
    !given.has(exportName) && exports.some(({ names, optional }) => optional === true && names.includes(exportName));
  const { methods, ...own } = codec;
  const offered = Object.entries(own).filter(([, operation]) => !isLeftOut(operation.exportName));
  const answered = Object.entries(methods ?? {}).filter(
    ([, { exportName, needs = exportName }]) => given.has(exportName) && given.has(needs),
  );
  return {
    ...Object.fromEntries(offered),
    ...(methods && { methods: Object.fromEntries(answered) }),
  } as unknown as PluginCodec;
}
