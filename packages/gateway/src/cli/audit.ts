import { readdir } from 'node:fs/promises';
import { LockgateError } from '@lockgate/abi/without-guests';
import type { Command } from 'commander';
import type { AuditSection } from '../config/gateway-section.ts';
import { auditPath } from '../observe/audit.ts';
import { type AuditKey, readAuditKeys } from '../observe/audit-keys.ts';
import type { AuditVerdict } from '../observe/verify-audit.ts';
import { addConfigOptions, openConfigIfAny } from './config-options.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { resolvingWithoutSecrets } from './resolve-without-secrets.ts';
import type { Terminal } from './terminal.ts';

/** Which server needs which secret is nothing to a command that looks at the log and its keys. */
const NEEDED = resolvingWithoutSecrets('logRotation', 'audit');

/** Problems that are told one by one. */
const MOST = 20;

/** `lockgate audit`. */
export function addAuditCommand(program: Command, terminal: Terminal): void {
  const audit = program
    .command('audit')
    .description('check that nobody has changed the audit log')
    .addHelpText('after', '\nExample:\n  lockgate audit verify\n');
  addConfigOptions(audit.command('verify'))
    .description('check the chain of hashes through all files of the audit log')
    .option('--contains <line>', 'what an earlier check printed as the last line: it has to be there still')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
What a crash has cut off is told, and is no failure. With "gateway.audit.key" or "gateway.audit.keyFile" lines are checked with these keys, and nobody can have
made them without one. Lines that are cut off at the end leave no trace but a line that an earlier check printed: --contains.

Exit codes: 0 nothing is missing, 1 something was removed, moved or edited, or there is no log, 2 wrong command line or configuration.

Example:
  lockgate audit verify --log-dir ./logs
`,
    )
    .action(async (options: Record<string, unknown>) => {
      const { logDir, logRotation, audit: section } = (await openConfigIfAny(options, terminal, NEEDED)).config.gateway;
      const asked = askedLine(options.contains as string | undefined);
      const keys = await keysOf(section);
      const { verifyAudit } = await import('../observe/verify-audit.ts');
      const paths = await auditPaths(logDir ?? '');
      const verdicts: (readonly [path: string, verdict: AuditVerdict])[] = [];
      for (const path of paths) verdicts.push([path, await verifyAudit(path, logRotation.keep, asked, keys)]);
      const { stdout } = terminal;
      if (options.json === true) {
        const all = verdicts.length === 1 ? verdicts[0]?.[1] : Object.fromEntries(verdicts);
        stdout.write(`${JSON.stringify(all, null, 2)}\n`);
      } else
        for (const [path, verdict] of verdicts)
          stdout.write(describe(verdict, keys.length > 0, verdicts.length > 1 ? path : ''));
      const whole = verdicts.map(([, verdict]) => verdict);
      if (whole.every(({ files }) => files === 0)) throw new CommandFailure(`there is no ${paths[0]}`);
      const problems = whole.flatMap((verdict) => verdict.problems);
      const told = problems.slice(0, MOST).map(({ file, line, problem }) => `${file}:${line} ${problem}`);
      if (problems.length > MOST) told.push(`and ${problems.length - MOST} more`);
      if (!whole.some(({ hasAsked }) => hasAsked)) told.push(`the line ${asked} is not there any more`);
      if (told.length > 0) throw new CommandFailure(told.join('\n'));
    });
}

/** The log of a gateway, and those of its processes where there were several. */
async function auditPaths(logDir: string): Promise<readonly string[]> {
  const names = await readdir(logDir === '' ? '.' : logDir).catch(() => []);
  const numbers = new Set(names.flatMap((name) => /^audit-(\d+)\.jsonl/.exec(name)?.[1] ?? []));
  const own = auditPath(logDir, undefined);
  const ofProcesses = [...numbers].map(Number).toSorted((one, other) => one - other);
  const isThere = ofProcesses.length === 0 || names.some((name) => name.startsWith('audit.jsonl'));
  return [...(isThere ? [own] : []), ...ofProcesses.map((number) => auditPath(logDir, number))];
}

function describe(verdict: AuditVerdict, hasKeys: boolean, path: string): string {
  const { files, lines, unchained, unkeyed, torn, isCutAtStart, last } = verdict;
  const notes = [
    ...(unchained > 0 ? [`${unchained} lines are from before the chain; nothing vouches for them.`] : []),
    ...(hasKeys && unkeyed > 0
      ? [`${unkeyed} lines are from before the key; whoever can write the file could have made them.`]
      : []),
    ...(isCutAtStart
      ? ['There were lines before the first: rotation has deleted them, or somebody has removed them.']
      : []),
    ...(torn > 0 ? [`${torn} cut off by a crash.`] : []),
    ...(last === undefined ? [] : [`The last line is ${last}`]),
  ];
  const head = path === '' ? '' : `${path}: `;
  return `${head}${lines} lines in ${files} files.\n${notes.map((note) => `${note}\n`).join('')}`;
}

/** What `verify` prints as the last line, also with the key's id behind it, as the log itself has it. */
function askedLine(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const line = /^([0-9a-f]{16}\.[1-9]\d*\.[\w-]{43})(?:\.[0-9a-f]{16})?$/.exec(text)?.[1];
  if (line !== undefined) return line;
  throw new CommandFailure(
    '--contains: expected "<run>.<number>.<hash>", as verify prints it of the last line',
    EXIT.usage,
  );
}

/** A key that cannot be read is a slip in the configuration, and says nothing against the log. */
async function keysOf(section: AuditSection): Promise<readonly AuditKey[]> {
  try {
    return await readAuditKeys(section);
  } catch (error) {
    throw LockgateError.isInstance(error) ? new CommandFailure(error.message, EXIT.usage) : error;
  }
}
