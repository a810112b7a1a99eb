import * as z from 'zod';
import { itemPattern } from './item-patterns.ts';

/** Calls that somebody has to allow, one by one, before they are made. The first entry that means a tool holds for it. */
export interface ApprovalRule {
  /** Patterns of the tools, as `server/name` with `*`. */
  readonly tools: readonly string[];
  /** `client`: whoever sits at the client is asked by it, and an operator where it cannot ask. `operator`: an operator of the gateway. */
  readonly require: 'client' | 'operator';
  /** Nobody approves what they have asked for themselves. @default false */
  readonly otherThanRequester: boolean;
}

export const approvalRule: z.ZodType<ApprovalRule> = z.strictObject({
  tools: z.array(itemPattern).min(1).describe('The tools, as "server/name" with *'),
  require: z.enum(['client', 'operator']).describe('Who is asked: whoever sits at the client, or an operator'),
  otherThanRequester: z.boolean().default(false).describe('An operator cannot approve their own calls'),
});
