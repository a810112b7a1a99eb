import { meaningOf } from '../monitor/channels.ts';
import type { Decision, PlainLabel } from '../monitor/decision.ts';
import { openConfig } from './config-options.ts';
import { describeResult } from './describe-result.ts';
import { CommandFailure } from './exit-code.ts';
import { openInProcessClient, type ToolResult } from './in-process-client.ts';
import { columns, type Paint, painter, type Terminal, wantsColor } from './terminal.ts';

/** How much of an answer is printed beside the decision. */
const SHOWN = { lines: 12, charactersOfLine: 160 };

export interface TriedCall {
  readonly tool: string;
  readonly args: Record<string, unknown>;
}

/**
 * Makes a gateway that listens nowhere, makes the calls one after another in one session of it, and prints what the
 * monitor knew and decided of each. A call that is denied or fails does not end the session.
 */
export async function tryCalls(
  calls: readonly TriedCall[],
  printJson: boolean,
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<void> {
  const opened = await openConfig(options, terminal);
  const decisions: Decision[] = [];
  const onDecision = (decision: Decision): unknown => decisions.push(decision);
  await using inProcess = await openInProcessClient(opened, opened.config, terminal, { onDecision });
  const paint = painter(wantsColor(terminal, terminal.stdout));
  const printed: object[] = [];
  const failures: string[] = [];
  for (const [index, { tool, args }] of calls.entries()) {
    const result = await inProcess.callTool(tool, args);
    const made = decisions.splice(0);
    const decision = made.find(({ channel }) => channel === undefined) ?? made.at(-1);
    const frames = made.filter(({ channel }) => channel !== undefined);
    printed.push({ decision, frames, result });
    if (!printJson) {
      const head = `${index === 0 ? '' : '\n'}${paint('bold', `call ${index + 1} of ${calls.length}: ${tool}`)}\n`;
      terminal.stdout.write((calls.length > 1 ? head : '') + describe(decision, frames, result, paint));
    }
    const numbered = calls.length > 1 ? `call ${index + 1}: ` : '';
    if (result.isError === true) {
      const [reason = ''] = shortened(describeResult(result));
      failures.push(numbered + (decision?.verdict === 'denied' ? 'denied' : `the call failed: ${reason}`));
    }
  }
  if (printJson) {
    terminal.stdout.write(`${JSON.stringify(printed.length === 1 ? printed[0] : printed, null, 2)}\n`);
  }
  if (failures.length > 0) throw new CommandFailure(failures.join('; '));
}

function describe(
  decision: Decision | undefined,
  frames: readonly Decision[],
  result: ToolResult,
  paint: Paint,
): string {
  const answer = [
    `${Buffer.byteLength(JSON.stringify(result.content))} bytes of content after the monitor`,
    ...shortened(describeResult(result)),
  ];
  if (!decision) {
    return notJudged(result) + columns(answer.map((fact, index) => [index === 0 ? paint('bold', 'answer') : '', fact]));
  }
  const { agent, agentAfter, mode, operation, resource, verdict, withheld, total, reason, phaseMs } = decision;
  const spent = (phase: string): string =>
    phase in phaseMs ? `${(phaseMs[phase] ?? 0).toFixed(1)} ms` : 'not reached';
  const row = (phase: string, took: string, ...facts: string[]): string[][] =>
    facts.map((fact, index) => (index === 0 ? [paint('bold', phase), took, fact] : ['', '', fact]));
  const outcome = {
    allowed: paint('green', 'allowed'),
    filtered: paint('yellow', 'filtered'),
    denied: paint('red', 'denied'),
  };
  const asked = operation && resource ? [`a ${operation}`, ...labelLines(resource)] : [];
  const counts = withheld === undefined ? [] : [`${withheld} of ${total} parts withheld`];
  return columns([
    ...row('agent', spent('label_agent'), `mode ${mode}`, ...labelLines(agent)),
    ...row('resource', spent('label_resource'), ...(asked.length > 0 ? asked : ['unknown'])),
    ...row('backend', spent('backend'), 'backend' in phaseMs ? 'the server was asked' : 'the server was not asked'),
    ...row('response', spent('label_response'), responseLabels(phaseMs)),
    ...row('verdict', '', outcome[verdict], ...counts, ...(reason === undefined ? [] : [reason])),
    ...frames.flatMap((frame) => row('beside it', '', ...describeFrame(frame, outcome))),
    ...row('agent after', '', ...labelLines(agentAfter)),
    ...row('answer', '', ...answer),
  ]);
}

/** Why the monitor has decided nothing. */
function notJudged({ _meta }: ToolResult): string {
  const code = _meta?.['dev.lockgate/error'];
  return code === undefined
    ? 'nothing stands in front of this server: no guard, no policy, no call limit\n'
    : `the gateway answered before the reference monitor was asked: ${code}\n`;
}

function responseLabels(phaseMs: Decision['phaseMs']): string {
  if ('label_response' in phaseMs) return 'labelled by the guard';
  return 'backend' in phaseMs ? "the resource's labels hold" : 'there is no answer of the server';
}

/** The first lines of an answer, without what a terminal would obey. */
function shortened(text: string): readonly string[] {
  const { lines, charactersOfLine } = SHOWN;
  const all = text.trimEnd().split('\n');
  const shown = all.slice(0, lines).map((line) => {
    const plain = line.replace(/\p{Cc}/gu, ' ');
    return plain.length > charactersOfLine ? `${plain.slice(0, charactersOfLine)}…` : plain;
  });
  return all.length > lines ? [...shown, `… ${all.length - lines} lines more; --json shows them`] : shown;
}

/** A frame beside the call: which way it went, what became of it, and the rule of its channel. */
function describeFrame({ channel, verdict, reason }: Decision, outcome: Record<Decision['verdict'], string>): string[] {
  if (!channel) return [];
  const way = channel.direction === 'up' ? 'to the server' : 'to the client';
  return [
    `${channel.method} ${way}: ${outcome[verdict]}`,
    meaningOf(channel),
    ...(reason === undefined ? [] : [reason]),
  ];
}

function labelLines({ secrecy, integrity }: PlainLabel): string[] {
  return [`secrecy   ${secrecy.join(', ') || 'none'}`, `integrity ${integrity.join(', ') || 'none'}`];
}
