import { meaningOf } from '../monitor/channels.ts';
import type { Decision, PlainLabel } from '../monitor/decision.ts';
import { openConfig } from './config-options.ts';
import { CommandFailure } from './exit-code.ts';
import { openInProcessClient, type ToolResult } from './in-process-client.ts';
import { columns, type Paint, painter, type Terminal, wantsColor } from './terminal.ts';

export interface TriedCall {
  readonly tool: string;
  readonly args: Record<string, unknown>;
  readonly printJson: boolean;
}

/** Makes a gateway that listens nowhere, calls one tool through it and prints what the monitor knew and decided. */
export async function tryCall(
  { tool, args, printJson }: TriedCall,
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<void> {
  const opened = await openConfig(options, terminal);
  const decisions: Decision[] = [];
  const onDecision = (decision: Decision): unknown => decisions.push(decision);
  await using inProcess = await openInProcessClient(opened, opened.config, terminal, { onDecision });
  const result = await inProcess.callTool(tool, args);
  const decision = decisions.find(({ channel }) => channel === undefined) ?? decisions.at(-1);
  const frames = decisions.filter(({ channel }) => channel !== undefined);
  const paint = painter(wantsColor(terminal, terminal.stdout));
  terminal.stdout.write(
    printJson
      ? `${JSON.stringify({ decision, frames, result }, null, 2)}\n`
      : describe(decision, frames, result, paint),
  );
  if (result.isError === true) throw new CommandFailure(decision?.verdict === 'denied' ? 'denied' : 'the call failed');
}

function describe(
  decision: Decision | undefined,
  frames: readonly Decision[],
  result: ToolResult,
  paint: Paint,
): string {
  if (!decision) return 'nothing stands in front of this server: no guard, no policy, no call limit\n';
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
  const moved = JSON.stringify(agent) !== JSON.stringify(agentAfter);
  const counts = withheld === undefined ? [] : [`${withheld} of ${total} parts withheld`];
  return columns([
    ...row('agent', spent('label_agent'), `mode ${mode}`, ...labelLines(agent)),
    ...row('resource', spent('label_resource'), ...(asked.length > 0 ? asked : ['unknown'])),
    ...row(
      'backend',
      spent('backend'),
      `${Buffer.byteLength(JSON.stringify(result.content))} bytes of content after the monitor`,
    ),
    ...row(
      'response',
      spent('label_response'),
      'label_response' in phaseMs ? 'labelled by the guard' : "the resource's labels hold",
    ),
    ...row('verdict', '', outcome[verdict], ...counts, ...(reason === undefined ? [] : [reason])),
    ...frames.flatMap((frame) => row('beside it', '', ...describeFrame(frame, outcome))),
    ...row('agent after', '', ...(moved ? labelLines(agentAfter) : ['as before'])),
  ]);
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
