import Sequencer from '@jest/test-sequencer';

/** They take longest: ten seconds and more. */
const LONG =
  /\/test\/(infra\/(rehearse|apply|deploy|terraform|scan)|documents\/documents|fuzz\/fuzz|journeys\/(aws|batch-predictions|.*crash|growing-data|own-data|public-api|train)|contracts\/(dataset|registry)-store|adapters\/stores\/datasets|http\/(hostile-bodies|slow-clients)|hosts\/docs-examples|hosts\/lambda\/access-journey)\.test\.ts$/;

/** Begins with the tests that take longest, also on a machine that has never run any. */
export default class LongestFirst extends Sequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    const isLong = ({ path }) => LONG.test(path);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
