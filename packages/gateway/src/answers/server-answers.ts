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

  readonly #limit: number;
  readonly #unruled: AnswerForm;

  /**
   * @param specsOf - Asked where no rule is for a tool.
   * @param limit - Bytes that an answer may have where no rule says more; 0 for no limit.
   */
  constructor(rules: AnswerRules, specsOf: SpecsOf, limit: number) {
    this.#limit = limit;
    this.#unruled = AnswerForm.ofRule({}, limit);
    // The one that says most of a name comes first.
    this.#forms = Object.entries(rules)
      .sort(([one], [other]) => rank(other) - rank(one))
      .map(([pattern, rule]) => [pattern, AnswerForm.ofRule(rule, limit)]);
    this.#specsOf = specsOf;
  }

  /** Undefined where the answers of a tool stay as they are. */
  formOf(tool: string): AnswerForm | undefined {
    const form = this.#configured(tool) ?? this.#specified(tool) ?? this.#unruled;
    return form.isAny ? form : undefined;
  }

  /** Bytes that an answer of a tool may have; 0 for no limit. */
  limitOf(tool: string): number {
    return this.#configured(tool)?.maxResultBytes ?? this.#limit;
  }

  /** Whether parts of answers may be kept here. */
  get mayKeep(): boolean {
    return this.#limit > 0 || this.#forms.some(([, { maxResultBytes }]) => maxResultBytes > 0);
  }

  #configured(tool: string): AnswerForm | undefined {
    return this.#forms.find(([pattern]) => matchesTool(pattern, tool))?.[1];
  }

  #specified(tool: string): AnswerForm | undefined {
    const specs = this.#specsOf(tool);
    if (!specs?.length) return undefined;
    let form = this.#ofSpecs.get(specs);
    if (!form) {
      form = AnswerForm.ofPaths(specPaths(specs), this.#limit);
      this.#ofSpecs.set(specs, form);
    }
    return form;
  }
}

function rank(pattern: string): number {
  return pattern.endsWith('*') ? pattern.length - 1 : Number.MAX_SAFE_INTEGER;
}
