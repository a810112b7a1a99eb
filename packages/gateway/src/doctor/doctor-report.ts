import type { Redact } from '../config/secrets.ts';
import type { EntryReport, ExaminedEntry } from './entry-report.ts';
import { type Finding, type FindingStatus, gravest } from './finding.ts';

/** All that the doctor has found. It holds no secrets. */
export interface DoctorReport {
  /** The gravest of all findings. */
  readonly status: FindingStatus;
  readonly findings: readonly Finding[];
  readonly entries: readonly EntryReport[];
}

export interface ReportInput {
  readonly findings: readonly Finding[];
  readonly entries: readonly ExaminedEntry['report'][];
  /** What is switched off, and was not started. */
  readonly off: readonly Pick<EntryReport, 'name' | 'kind'>[];
  readonly redact: Redact;
}

export function reportOf({ findings: found, entries, off, redact }: ReportInput): DoctorReport {
  const findings = found.map(({ message, remedy, ...rest }): Finding => {
    return { ...rest, message: redact(message), ...(remedy !== undefined && { remedy: redact(remedy) }) };
  });
  const ofEntry = ({ name, kind }: ExaminedEntry['report']): FindingStatus =>
    gravest(findings.filter(({ subject }) => subject === (kind === 'guard' ? `guard of ${name}` : name)));
  return {
    status: gravest(findings),
    findings,
    entries: [
      ...entries.map((entry): EntryReport => {
        return { ...entry, status: ofEntry(entry) };
      }),
      ...off.map(({ name, kind }): EntryReport => ({ name, kind, status: 'off', tookMs: 0, lastLines: [] })),
    ],
  };
}
