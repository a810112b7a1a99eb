import type { ApprovalRule } from '../config/approvals-section.ts';
import { matchesGlob } from '../config/glob.ts';
import type { Approvals } from '../consent/approvals.ts';
import { CallLimitError } from '../limits/call-limit-error.ts';
import { LimitReachedError } from '../limits/limit-reached-error.ts';
import type { Exchange } from '../protocol/exchange.ts';
import type { OnSend } from './monitored.ts';
import type { RoutedCall } from './routed-call.ts';

/** A rule holds for the call by its labels, and nobody has been asked yet. It is seen by nobody outside. */
class RuleHolds extends Error {
  readonly rule: ApprovalRule;
  readonly leaving: readonly string[];

  constructor(rule: ApprovalRule, leaving: readonly string[]) {
    super('a rule holds for the call');
    this.rule = rule;
    this.leaving = leaving;
  }
}

/**
 * Makes a call that somebody may have to allow. The reference monitor is asked first, since nobody is to be shown what it denies, and once more after the
 * answer: where the rule depends on labels, what its agent has read meanwhile needs an approval of its own. Where a limit refuses the call then after all,
 * since others took its last places meanwhile, what an operator has approved stays approved.
 *
 * @param isLabelled - Whether the monitor looks at calls. Where it does not, nothing carries labels.
 * @param mayBeMade - Throws where the call would be refused after its approval, so that nobody is asked for nothing and no approval is used up for it.
 * @param work - Makes the call, asking `onSend` before it goes to its server.
 */
export async function approved<T>(
  approvals: Approvals,
  call: RoutedCall,
  exchange: Exchange,
  isLabelled: boolean,
  mayBeMade: () => Promise<void>,
  work: (onSend?: OnSend) => Promise<T>,
): Promise<T> {
  const rules = approvals.rulesOf(call, exchange.peer);
  const last = rules.at(-1);
  if (!last) return await work();
  const giveBack: (() => Promise<void>)[] = [];
  try {
    if (isLabelled)
      return await approvedByLabels(rules, work, async (rule, leaving) => {
        giveBack.push(await approvals.pass(rule, call, exchange, leaving));
      });
    if (!last.secrecy) {
      await mayBeMade();
      giveBack.push(await approvals.pass(last, call, exchange));
    }
    return await work();
  } catch (error) {
    const isLimited = error instanceof LimitReachedError || error instanceof CallLimitError;
    if (isLimited) await Promise.allSettled(giveBack.map((give) => give()));
    throw error;
  }
}

/** Whether a rule holds shows where the call is about to be sent. */
async function approvedByLabels<T>(
  rules: readonly ApprovalRule[],
  work: (onSend: OnSend) => Promise<T>,
  pass: (rule: ApprovalRule, leaving: readonly string[] | undefined) => Promise<void>,
): Promise<T> {
  const passed = new Set<string>();
  const nameOf = (rule: ApprovalRule, leaving: readonly string[]): string =>
    JSON.stringify([rules.indexOf(rule), leaving]);
  for (;;) {
    try {
      return await work((secrecy) => {
        for (const rule of rules) {
          const leaving = [...secrecy]
            .filter((tag) => rule.secrecy?.some((pattern) => matchesGlob(pattern, tag)))
            .sort();
          if (rule.secrecy && leaving.length === 0) continue;
          if (!passed.has(nameOf(rule, leaving))) throw new RuleHolds(rule, leaving);
          return;
        }
      });
    } catch (error) {
      if (!(error instanceof RuleHolds)) throw error;
      const { rule, leaving } = error;
      await pass(rule, rule.secrecy && leaving);
      passed.add(nameOf(rule, leaving));
    }
  }
}
