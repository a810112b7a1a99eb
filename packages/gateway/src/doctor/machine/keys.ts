import type { GatewaySection } from '../../config/gateway-section.ts';
import { isDiagnosed } from '../../diagnosis.ts';
import { openFolderVault } from '../../login/open-vault.ts';
import { readAuditKeys } from '../../observe/audit-keys.ts';
import { type Finding, Findings } from '../finding.ts';
import type { MachineProbe } from './machine-probe.ts';

/** Whether the keys of the audit log and of the vault can be read, by nobody else, and are keys. Nothing of them is told. */
export const keys: MachineProbe = async ({ config: { gateway }, nowMs, flag }) => [
  ...(await auditKeys(gateway)),
  ...(await vaultKeys(gateway, nowMs, flag)),
];

async function auditKeys({ audit }: GatewaySection): Promise<readonly Finding[]> {
  const { keyFile } = audit;
  const key = keyFile === undefined ? 'gateway.audit.key' : 'gateway.audit.keyFile';
  const found = new Findings('keys', key);
  const place = keyFile === undefined ? undefined : { source: keyFile, key };
  try {
    const open: string[] = [];
    const read = await readAuditKeys(audit, (path) => void open.push(path));
    for (const path of open) {
      const problem = `everybody on this machine can read the keys of the audit log in ${path}`;
      found.warning({ problem, remedy: `chmod 600 ${path}` }, place);
    }
    if (read.length === 0 || found.all.length > 0) return found.all;
    return found.ok('the audit log is written with a key that nobody else can read').all;
  } catch (error) {
    if (!isDiagnosed(error)) throw error;
    return found.failure(error, place).all;
  }
}

/** Logins are kept in memory alone where there is no key, which is no fault. */
async function vaultKeys({ vault }: GatewaySection, nowMs: number, flag: string): Promise<readonly Finding[]> {
  const { keyFile } = vault;
  const key = keyFile === undefined ? 'gateway.vault.key' : 'gateway.vault.keyFile';
  const found = new Findings('keys', key);
  try {
    const opened = await openFolderVault({ ...vault, flag }, () => nowMs);
    return opened === undefined ? [] : found.ok('logins are kept, sealed with a key').all;
  } catch (error) {
    if (!isDiagnosed(error)) throw error;
    return found.warning(error, keyFile === undefined ? undefined : { source: keyFile, key }).all;
  }
}
