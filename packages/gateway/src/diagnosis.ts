/** What has happened, and what to do about it: the two halves of one sentence. */
export interface Diagnosis {
  readonly problem: string;
  readonly remedy: string;
}

/** An error that knows its remedy. Its message is the whole sentence. */
export class DiagnosedError extends Error implements Diagnosis {
  readonly problem: string;
  readonly remedy: string;

  constructor({ problem, remedy }: Diagnosis, options?: ErrorOptions) {
    super(sentenceOf({ problem, remedy }), options);
    this.problem = problem;
    this.remedy = remedy;
  }
}

export function sentenceOf({ problem, remedy }: Diagnosis): string {
  return `${problem}; ${remedy}`;
}

/** Whether an error, of whatever class, knows its remedy. */
export function isDiagnosed(error: unknown): error is Error & Diagnosis {
  return error instanceof Error && 'problem' in error && 'remedy' in error && typeof error.remedy === 'string';
}
