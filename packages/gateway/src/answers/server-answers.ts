import type { AnswerRules } from '../config/answers-section.ts';
import { matchesTool } from '../config/tool-pattern.ts';
import { AnswerForm } from './answer-form.ts';
import { specPaths } from './path.ts';

/** What its author says is worth keeping of a tool's answers. */
export type SpecsOf = (tool: string) => readonly string[] | undefined;

/** How the answers of one server's tools are made smaller. */
export class ServerAnswers {
  readonly #forms: readonly (readonly [string, AnswerForm])[];
  readonly #specsOf: SpecsOf;
  readonly #ofSpecs = new WeakMap<readonly string[], AnswerForm>();

  /** @param specsOf - Asked where no rule is for a tool. */
  constructor(rules: AnswerRules, specsOf: SpecsOf) {
    // The one that says most of a name comes first.
    this.#forms = Object.entries(rules)
      .sort(([one], [other]) => rank(other) - rank(one))
      .map(([pattern, rule]) => [pattern, AnswerForm.ofRule(rule)]);
    this.#specsOf = specsOf;
  }

  /** Undefined where the answers of a tool stay as they are. */
  formOf(tool: string): AnswerForm | undefined {
    const configured = this.#forms.find(([pattern]) => matchesTool(pattern, tool))?.[1];
    if (configured) return configured.isAny ? configured : undefined;
    const specs = this.#specsOf(tool);
    if (!specs?.length) return undefined;
    let form = this.#ofSpecs.get(specs);
    if (!form) {
      form = AnswerForm.ofPaths(specPaths(specs));
      this.#ofSpecs.set(specs, form);
    }
    return form.isAny ? form : undefined;
  }
}

function rank(pattern: string): number {
  return pattern.endsWith('*') ? pattern.length - 1 : Number.MAX_SAFE_INTEGER;
}
