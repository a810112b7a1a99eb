import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { stripVTControlCharacters, styleText } from 'node:util';
import { type Paint, rowLines, type SuiteRow, totalsLine, widthOf } from '../suites/suite-report.ts';
import { SUITES } from '../suites/suite-table.ts';
import { type Arguments, readArguments } from './read-arguments.ts';
import { runSubject } from './run-subject.ts';
import type { TestEnd, TestHead } from './subject-protocol.ts';
import { USAGE } from './usage.ts';
import { UsageError } from './usage-error.ts';

const EXIT = { ok: 0, failed: 1, usage: 2, brokenOff: 130 } as const;

/** A test and how it ended. */
type ToldTest = TestHead & TestEnd;

/** Colours where a terminal listens and wants them (`NO_COLOR`, `FORCE_COLOR`). */
const paint: Paint = (format, text) => styleText(format, text, { stream: process.stdout });

/** Runs a command line (without `node` and the program's name), and sets the exit code. */
export async function runCommand(args: readonly string[]): Promise<void> {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    // Whoever read has read enough (`| head`): there is nobody to tell.
    if (code !== 'EPIPE') process.exitCode = EXIT.failed;
  });
  const breakOff = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => breakOff.abort());
  try {
    process.exitCode = await run(readArguments(args), breakOff.signal);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.exitCode = EXIT.usage;
    const sentence = stripVTControlCharacters(error.message);
    process.stderr.write(`${styleText('red', 'error:', { stream: process.stderr })} ${sentence}\n`);
  }
}

async function run({ file, suites, json, list, help, timeoutMs }: Arguments, signal: AbortSignal): Promise<number> {
  if (help) {
    print(USAGE);
    return EXIT.ok;
  }
  if (file === undefined) {
    print(json ? asJson(SUITES.map(({ name, subject, asks }) => ({ name, subject, asks }))) : suiteList());
    return EXIT.ok;
  }
  const told: ToldTest[] = [];
  let width = 0;
  await runSubject({
    ...{ file: existing(file), suites, timeoutMs, isListOnly: list, signal },
    onTests: (tests) => {
      width = widthOf(tests.map(({ title }) => title));
      if (list) print(json ? asJson(tests) : tests.map((test) => listed(test, width)).join(''));
    },
    onEnd: (test, end) => {
      told.push({ ...test, ...end });
      if (!json) print(`${rowLines(rowOf(test, end), width, paint)}\n`);
    },
  });
  if (list) return EXIT.ok;
  const failed = told.some(({ outcome }) => outcome === 'failed');
  print(json ? asJson(report(file, told)) : `${totalsLine(told)}${signal.aborted ? ', then broken off' : ''}\n`);
  if (signal.aborted) return EXIT.brokenOff;
  return failed ? EXIT.failed : EXIT.ok;
}

function existing(file: string): string {
  const path = resolve(file);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`there is no file ${path}`);
  return path;
}

function rowOf({ title }: TestHead, { outcome, sentence }: TestEnd): SuiteRow {
  return { title, outcome, ...(sentence !== undefined && { sentence }) };
}

function listed({ suite, title, skipped }: TestHead, width: number): string {
  const why = skipped === undefined ? '' : `not applicable: ${skipped}`;
  return `${`${suite.padEnd(widthOf(SUITES.map(({ name }) => name)))}  ${title.padEnd(width)}  ${why}`.trimEnd()}\n`;
}

function suiteList(): string {
  const [names, subjects] = [widthOf(SUITES.map(({ name }) => name)), widthOf(SUITES.map(({ subject }) => subject))];
  return SUITES.map(({ name, subject, asks }) => `${name.padEnd(names)}  ${subject.padEnd(subjects)}  ${asks}\n`).join(
    '',
  );
}

function report(file: string, tests: readonly ToldTest[]) {
  const count = (wanted: SuiteRow['outcome']) => tests.filter(({ outcome }) => outcome === wanted).length;
  const counts = { passed: count('passed'), failed: count('failed'), notApplicable: count('not applicable') };
  return { file, node: process.versions.node, ...counts, tests: tests.map(({ skipped: _, ...test }) => test) };
}

function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function print(text: string): void {
  process.stdout.write(text);
}
