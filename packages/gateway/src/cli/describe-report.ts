import type { DoctorReport } from '../doctor/doctor-report.ts';
import type { EntryReport } from '../doctor/entry-report.ts';
import { CHECKS, type Finding, type FindingStatus } from '../doctor/finding.ts';
import { printable } from './printable.ts';
import { columns, type Paint } from './terminal.ts';

const STYLES = { ok: 'green', note: 'cyan', warning: 'yellow', failure: 'red', off: 'dim' } as const;

/** Findings of one kind about one subject that are printed. */
const SHOWN = 3;

/** What the doctor has found, for people: the machine and the configuration, then each entry, then how many of what. */
export function describeReport(source: string, { findings, entries }: DoctorReport, paint: Paint): string {
  const subjects = new Set(entries.map(subjectOf));
  const general = findings.filter(({ subject }) => !subjects.has(subject));
  const isTold = ({ check }: Finding): boolean => check === 'configuration' || check === 'settings';
  const lines = [
    paint('bold', printable(source)),
    ...CHECKS.flatMap((check) =>
      described(
        general.filter((one) => one.check === check),
        paint,
      ),
    ),
    ...(general.some(isTold) ? [] : [line('ok', 'the configuration can be used', paint)]),
    ...entries.flatMap((entry) => ['', ...ofEntry(entry, findings, paint)]),
    '',
    summary(findings, paint),
  ];
  return lines.map((text) => `${text.trimEnd()}\n`).join('');
}

function subjectOf({ name, kind }: EntryReport): string {
  return kind === 'guard' ? `guard of ${name}` : name;
}

function ofEntry(entry: EntryReport, findings: readonly Finding[], paint: Paint): readonly string[] {
  const { kind, status, tookMs, introducedAs, protocolVersion, era, capabilities, lastLines } = entry;
  const facts = [
    kind,
    paint(STYLES[status], status),
    ...(status === 'off' ? ['switched off ("disabled")'] : [`${tookMs} ms`]),
    ...(introducedAs === undefined ? [] : [printable(introducedAs)]),
    ...(protocolVersion === undefined ? [] : [printable(`MCP ${protocolVersion} (${era})`)]),
  ];
  const own = findings.filter(({ subject }) => subject === subjectOf(entry));
  return [
    `${paint('bold', printable(subjectOf(entry)))}  ${facts.join('  ')}`,
    ...(capabilities?.length ? [paint('dim', `  declares  ${capabilities.map(printable).join(', ')}`)] : []),
    ...described(own, paint),
    ...(status === 'ok' ? [] : lastLines.map((text) => paint('dim', `  stderr    ${printable(text)}`))),
  ];
}

/** Of findings that differ in a name only, such as those of odd schemas, a few stand for all. */
function described(findings: readonly Finding[], paint: Paint): readonly string[] {
  const kinds = Map.groupBy(findings, ({ check, subject, status }) => JSON.stringify([check, subject, status]));
  return [...kinds.values()].flatMap((alike) => {
    const more = alike.length - SHOWN;
    const shown = alike.slice(0, SHOWN).flatMap((finding) => describe(finding, paint));
    return more > 0 ? [...shown, `            ... ${more} more of this kind; --json shows them`] : shown;
  });
}

function describe({ status, subject, check, message, remedy, place }: Finding, paint: Paint): readonly string[] {
  const at = place?.line === undefined ? '' : `${place.line}:${place.column}: `;
  const isNamed = check === 'configuration' && subject !== 'configuration';
  return [
    line(status, `${at}${isNamed ? `${subject}: ` : ''}${message}`, paint),
    ...(remedy === undefined ? [] : [`            to do: ${printable(remedy)}`]),
  ];
}

function line(status: FindingStatus, text: string, paint: Paint): string {
  return columns([[`  ${paint(STYLES[status], status.padEnd(8))}`, printable(text)]]).trimEnd();
}

function summary(findings: readonly Finding[], paint: Paint): string {
  const counts = (['failure', 'warning', 'note'] as const).flatMap((status) => {
    const { length } = findings.filter((one) => one.status === status);
    return length === 0 ? [] : [paint(STYLES[status], `${length} ${status}${length === 1 ? '' : 's'}`)];
  });
  return counts.length === 0 ? paint('green', 'nothing is wrong') : counts.join(', ');
}
