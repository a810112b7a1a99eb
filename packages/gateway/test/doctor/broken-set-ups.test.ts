import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DoctorReport } from '../../src/doctor/doctor-report.ts';
import type { Finding, FindingStatus } from '../../src/doctor/finding.ts';
import { folderWith, runLockgate } from '../cli/run-lockgate.ts';
import { CONFIGURATIONS } from './set-ups/configurations.ts';
import type { EntrySetUp } from './set-ups/entry-set-up.ts';
import { GUARDS, GUEST_FILES, GUESTS } from './set-ups/guests.ts';
import { KEPT_FILES } from './set-ups/kept-files.ts';
import { PROGRAMS } from './set-ups/programs.ts';
import { openRemoteServers } from './set-ups/remote-servers.ts';
import { REMOTES } from './set-ups/remotes.ts';
import type { RunSetUp } from './set-ups/run-set-up.ts';

const PAGE = fileURLToPath(new URL('../../../../docs/doctor.md', import.meta.url));
const ENTRIES: readonly EntrySetUp[] = [...PROGRAMS, ...REMOTES, ...GUESTS];
/** Each is examined alone. */
const RUNS: readonly RunSetUp[] = [...CONFIGURATIONS, ...KEPT_FILES];
const nameOf = (setUp: EntrySetUp): string => `s${ENTRIES.indexOf(setUp)}`;

/** What the page shows, by the set-up. */
const told = new Map<string, Finding>();
let entries: { readonly report: DoctorReport; readonly text: string };
let remote: Awaited<ReturnType<typeof openRemoteServers>>;
const authorities = tls.getCACertificates('default');

async function doctor(
  workingFolder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
) {
  const run = await runLockgate(['doctor', '--json', ...args], { workingFolder, environment });
  return { ...run, report: JSON.parse(run.stdout) as DoctorReport };
}

beforeAll(async () => {
  remote = await openRemoteServers();
  tls.setDefaultCACertificates([...authorities, remote.authority]);
  const scripts = { 'plain.sh': 'exit 0\n', 'old.sh': '#!/no/such/interpreter\n', 'returns.sh': '#!/bin/sh\r\n' };
  const folder = await folderWith({ ...GUEST_FILES, ...scripts });
  for (const script of ['old.sh', 'returns.sh']) chmodSync(join(folder, script), 0o755);
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'mcp-files'), '#!/bin/sh\n', { mode: 0o755 });
  const section = (wanted: 'plugins' | 'mcpServers') =>
    Object.fromEntries(
      ENTRIES.filter((setUp) => (setUp.section ?? 'mcpServers') === wanted).map((setUp) => [
        nameOf(setUp),
        setUp.entry({ folder, ports: remote.ports }),
      ]),
    );
  const config = {
    gateway: { listen: '127.0.0.1:0', logDir: 'logs', startConcurrency: 8 },
    plugins: section('plugins'),
    guards: GUARDS,
    mcpServers: section('mcpServers'),
  };
  writeFileSync(join(folder, 'lockgate.json'), JSON.stringify(config));
  const { report, stdout } = await doctor(folder, []);
  const masked = stdout.replaceAll(folder, 'FOLDER').replaceAll(process.execPath, 'node');
  entries = { report: JSON.parse(masked) as DoctorReport, text: masked };
  expect(report.status).toBe('failure');
});

afterAll(async () => {
  tls.setDefaultCACertificates(authorities);
  await remote[Symbol.asyncDispose]();
});

describe('of an entry', () => {
  test.each(ENTRIES.map((setUp) => [setUp.what, setUp] as const))(
    '%s is told with its cause and remedy',
    (what, setUp) => {
      const subject = setUp.ofGuard ? `guard of ${nameOf(setUp)}` : nameOf(setUp);
      const own = entries.report.findings.filter((finding) => finding.subject === subject);
      told.set(what, check(own, setUp));
    },
  );

  test('nothing is reported that is secret', () => {
    expect(entries.text).not.toMatch(/do.not.show.me/);
  });
});

describe('of a configuration', () => {
  test.each(RUNS.map((setUp) => [setUp.what, setUp] as const))(
    '%s is told with its cause and remedy',
    async (what, setUp) => {
      told.set(what, await examined(setUp));
    },
  );
});

async function examined(setUp: RunSetUp): Promise<Finding> {
  const folder = await folderWith(setUp.files);
  await using _ = (await setUp.prepare?.(folder)) ?? { [Symbol.asyncDispose]: async () => {} };
  const environment = { XDG_STATE_HOME: folder, ...setUp.environment };
  const { report, code, stdout } = await doctor(folder, setUp.args ?? [], environment);
  expect(code).toBe(report.status === 'failure' ? 1 : 0);
  expect(stdout).not.toMatch(/do.not.show.me/);
  const { findings } = JSON.parse(stdout.replaceAll(folder, 'FOLDER')) as DoctorReport;
  return check(
    findings.filter((finding) => finding.check === setUp.check),
    setUp,
  );
}

/** The finding that a set-up is about, of those that it may be. */
function check(
  findings: readonly Finding[],
  {
    status = 'failure',
    cause,
    remedy,
  }: { readonly status?: FindingStatus; readonly cause: string; readonly remedy: string },
): Finding {
  const graver = (['failure', 'warning', 'note', 'ok'] as const).find((one) =>
    findings.some((finding) => finding.status === one),
  );
  const found = findings.filter((finding) => finding.status === status);
  expect({ graver, told: found.map(({ message, remedy: what }) => `${message} -> ${what}`) }).toEqual({
    graver: status,
    told: expect.arrayContaining([expect.stringContaining(cause)]),
  });
  const meant = found.find(({ message }) => message.includes(cause)) as Finding;
  expect(meant.message.trim()).not.toBe('');
  expect(meant.remedy).toContain(remedy);
  return meant;
}

test('the page of the doctor shows what it says of each (vitest -u writes it)', async () => {
  const [head = ''] = (await readFile(PAGE, 'utf8')).split('| set-up');
  await expect(head + table()).toMatchFileSnapshot(PAGE);
});

function table(): string {
  const all = [...ENTRIES, ...RUNS].map(({ what }) => [what, told.get(what)] as const);
  const rows = all.map(([what, finding]) => {
    const { status = '', message = '', remedy = '', place } = finding ?? {};
    const at = [place?.line && `line ${place.line}`, place?.key].filter(Boolean).join(', ');
    return [what, status, at === '' ? message : `${at}: ${message}`, remedy].map((cell) =>
      masked(cell).replaceAll('|', '\\|').replaceAll('<', '&lt;'),
    );
  });
  const head = ['set-up', 'status', 'cause', 'remedy'];
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  return [head, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('');
}

/** What differs from run to run. */
function masked(text: string): string {
  return text
    .replaceAll(process.execPath, 'node')
    .replace(/(127\.0\.0\.\d|localhost):\d+/g, '$1:PORT')
    .replace(/\bs\d+\b/g, 'NAME')
    .replace(/[0-9a-f]{64}/g, 'SHA256')
    .replace(/\(known: [^)]*\)/g, '(known: ...)')
    .replace(/Node\.js v[\d.]+/g, 'Node.js');
}
