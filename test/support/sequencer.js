import Sequencer from '@jest/test-sequencer';

/** They wait for minutes, mostly for Terraform: what begins last must not be one of them. */
const LONG = /\/test\/(infra\/(rehearse|apply|deploy)|documents\/documents)\.test\.ts$/;

/** Begins with the tests that take longest, also on a machine that has never run any. */
export default class LongestFirst extends Sequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    const isLong = ({ path }) => LONG.test(path);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
