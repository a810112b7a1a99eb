import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Long files of the project that runs last. */
const LONGEST = ['broken/broken', 'correct/correct', 'cli/lockgate-testkit'];

/** Begins with what would be last and takes long, while the other processors have nothing to do any more. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const index = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return index === -1 ? LONGEST.length : index;
    };
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other));
  }
}
