import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { Found } from '../clients/client.ts';

/** The same entries, but that a plugin whose module is not where its path says is switched off and says so: it could not be served. */
export function switchOffMissing(found: readonly Found[]): Promise<readonly Found[]> {
  return Promise.all(
    found.map(async (one) => {
      if ('leftOut' in one || one.section !== 'plugins' || one.entry.disabled === true) return one;
      const { path } = one.entry;
      // What holds a variable, or is relative to the configuration, is not known here.
      if (typeof path !== 'string' || !isAbsolute(path) || path.includes('$')) return one;
      if (!(await isMissing(path))) return one;
      const remark = `there is no "${path}", so it is switched off: put its module there, or correct "path", then leave out "disabled"`;
      return { ...one, entry: { ...one.entry, disabled: true }, remarks: [...one.remarks, remark] };
    }),
  );
}

/** What cannot be looked at may be there. */
async function isMissing(path: string): Promise<boolean> {
  try {
    await stat(path);
    return false;
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}
