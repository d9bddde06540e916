import Sequencer from '@jest/test-sequencer';

/** They take longest, and mostly wait: for Terraform, for leases, for processes. */
const LONG =
  /\/test\/(infra\/(rehearse|apply|deploy|terraform)|documents\/documents|fuzz\/fuzz|journeys\/(crash|growing-data)|contracts\/dataset-store)\.test\.ts$/;

/** Begins with the tests that take longest, also on a machine that has never run any. */
export default class LongestFirst extends Sequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    const isLong = ({ path }) => LONG.test(path);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
