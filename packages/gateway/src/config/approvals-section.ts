import * as z from 'zod';
import { itemPattern } from './item-patterns.ts';

/** Calls that somebody has to allow, one by one, before they are made. The first entry that means a call holds for it. */
export interface ApprovalRule {
  /** Patterns of the tools, as `server/name` with `*`. */
  readonly tools: readonly string[];
  /** Callers that it means, by their roles: those that have one of these. @default everybody */
  readonly roles?: readonly string[] | undefined;
  /**
   * Means only calls that take secrecy along: of what the caller carries by its labels, tags that fit one of these patterns go with a call that writes. What
   * may not leave at all is denied by the reference monitor, whoever would approve it.
   *
   * @default calls with any labels
   */
  readonly secrecy?: readonly string[] | undefined;
  /** `client`: whoever sits at the client is asked by it, and an operator where it cannot ask. `operator`: an operator of the gateway. */
  readonly require: 'client' | 'operator';
  /** Nobody approves what they have asked for themselves. @default false */
  readonly otherThanRequester: boolean;
}

export const approvalRule: z.ZodType<ApprovalRule> = z.strictObject({
  tools: z.array(itemPattern).min(1).describe('The tools, as "server/name" with *'),
  roles: z.array(z.string().min(1)).min(1).optional().describe('Only calls of callers with one of these roles'),
  secrecy: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Only calls with which secrecy leaves, by tags with *, such as ["*"]'),
  require: z.enum(['client', 'operator']).describe('Who is asked: whoever sits at the client, or an operator'),
  otherThanRequester: z.boolean().default(false).describe('An operator cannot approve their own calls'),
});
