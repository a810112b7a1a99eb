import { ClosingOrder } from '../closing-order.ts';
import { ConfigError } from '../config/config-error.ts';
import { maskingKeys } from '../config/mask-keys.ts';
import { didYouMean } from '../config/nearest.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import { createRedactor } from '../config/secrets.ts';
import { configFailures } from '../doctor/config-findings.ts';
import { type DoctorReport, reportOf } from '../doctor/doctor-report.ts';
import { examine } from '../doctor/examine.ts';
import { resolveRest } from '../doctor/resolve-rest.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import { type OpenedConfig, openConfig } from './config-options.ts';
import { describeReport } from './describe-report.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { showProgress } from './show-progress.ts';
import { stopOnSignals } from './stop-on-signals.ts';
import { painter, type Terminal, wantsColor } from './terminal.ts';

export interface Examination {
  /** What is started; all where none is named. */
  readonly names: readonly string[];
  readonly timeoutMs: number | undefined;
  readonly printJson: boolean;
}

/**
 * Examines a configuration, of which a part may be broken, and prints what was found.
 *
 * @throws CommandFailure when something has failed, when nothing has one of the names, or at the first signal.
 */
export async function examineConfig(
  examination: Examination,
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<void> {
  const errors: ConfigError[] = [];
  const opened = await openRest(options, terminal, errors);
  const report = opened
    ? await examineOpened(opened, errors, examination, terminal)
    : reportOf({ findings: errors.flatMap(configFailures), entries: [], off: [], redact: (text) => text });
  const source = opened?.source ?? errors[0]?.facts.source ?? '';
  const paint = painter(wantsColor(terminal, terminal.stdout));
  terminal.stdout.write(
    examination.printJson
      ? `${JSON.stringify({ source, ...report }, null, 2)}\n`
      : describeReport(source, report, paint),
  );
  const failures = report.findings.filter(({ status }) => status === 'failure').length;
  if (failures > 0) throw new CommandFailure(failures === 1 ? 'one failure' : `${failures} failures`);
}

/** What of the configuration can be used; what cannot is added to the errors. */
async function openRest(
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
  errors: ConfigError[],
): Promise<OpenedConfig | undefined> {
  try {
    return await openConfig(options, terminal, (input) => resolveRest(input, (error) => void errors.push(error)));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // One that knows more of the same file stands for the one it was made of.
    const known = errors.findIndex((one) => one === error || one === error.cause);
    errors.splice(known === -1 ? errors.length : known, 1, error);
    return undefined;
  }
}

async function examineOpened(
  { config, warnings, secrets, flag }: OpenedConfig,
  errors: readonly ConfigError[],
  { names, timeoutMs }: Examination,
  terminal: Terminal,
): Promise<DoctorReport> {
  const wanted = names.length > 0 ? { names: known(names, config, errors) } : {};
  await using stack = new ClosingOrder();
  const cancellation = new Cancellation();
  const stopping = stopOnSignals(stack, { onStop: () => {}, onHangUp: undefined });
  stopping.addEventListener('abort', () => cancellation.cancel(new CommandFailure('stopped before all was looked at')));
  const progress = showProgress(terminal);
  stack.defer(() => progress.end());
  return await examine({
    ...wanted,
    config,
    warnings,
    flag,
    found: errors.flatMap(configFailures),
    environment: terminal.environment,
    now: Date.now,
    fetch: (url, init) => globalThis.fetch(url, init),
    timeoutMs,
    redact: maskingKeys(createRedactor(secrets)),
    cancellation,
    onProgress: progress.show,
  });
}

/** @throws CommandFailure when nothing has one of these names; entries that cannot be used are told of anyhow. */
function known(
  names: readonly string[],
  { plugins, mcpServers, guards }: ResolvedConfig['config'],
  errors: readonly ConfigError[],
): readonly string[] {
  const broken = errors.flatMap(({ facts }) => facts.problems.map(({ place: [, name] }) => String(name)));
  const all = [...Object.keys(plugins), ...Object.keys(mcpServers), ...Object.keys(guards)];
  const unknown = names.find((name) => !all.includes(name) && !broken.includes(name));
  if (unknown === undefined) return names;
  const what = `there is no server, plugin or guard "${unknown}"${didYouMean(unknown, all)}`;
  throw new CommandFailure(`${what} (known: ${all.join(', ') || 'none'})`, EXIT.usage);
}
