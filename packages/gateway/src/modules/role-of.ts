import { type GuestRole, looksLikeCommand, type ModuleReport } from '@lockgate/abi';

/** What a module is for, as far as it looks like anything. */
export function roleOf(report: ModuleReport): GuestRole | 'command' | undefined {
  if (looksLikeCommand(report)) return 'command';
  return report.abi === 'unknown' ? undefined : report.abi;
}
