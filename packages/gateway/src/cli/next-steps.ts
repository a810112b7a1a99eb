import { dirname } from 'node:path';
import { DEFAULT_FILES } from '../config/load.ts';
import { quoted } from '../quoted.ts';
import { columns, type Terminal } from './terminal.ts';

/** What one does with a configuration that has just been written. */
export function nextSteps(path: string, secrets: string | undefined, { workingFolder }: Terminal): string {
  const isFound = dirname(path) === workingFolder && DEFAULT_FILES.some((name) => path.endsWith(`/${name}`));
  const config = isFound ? '' : ` --config ${quoted(path)}`;
  const env = secrets === undefined ? '' : ` --env ${quoted(secrets)}`;
  const steps = [
    [`lockgate doctor${config}${env}`, 'starts each server once: is anything wrong?'],
    [`lockgate serve${config}${env}`, 'serves it'],
    [`lockgate export <client>${config}`, 'the entry that a client needs for it'],
  ];
  return `Next:\n${columns(steps, '  ')}`;
}
