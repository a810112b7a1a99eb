import { quoted } from '../quoted.ts';
import { configFlag } from './config-flag.ts';
import { columns, type Terminal } from './terminal.ts';

/** What one does with a configuration that has just been written. */
export function nextSteps(path: string, secrets: string | undefined, { workingFolder }: Terminal): string {
  const config = configFlag(path, workingFolder);
  const env = secrets === undefined ? '' : ` --env ${quoted(secrets)}`;
  const steps = [
    [`lockgate doctor${config}${env}`, 'starts each server once: is anything wrong?'],
    [`lockgate serve${config}${env}`, 'serves it'],
    [`lockgate export <client>${config}${env}`, 'the entry that a client needs for it'],
  ];
  return `Next:\n${columns(steps, '  ')}`;
}
