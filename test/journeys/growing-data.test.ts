import { describe } from '@jest/globals';
import { describeLambda } from '../hosts/lambda/toolbox.js';
import { describeAws } from '../support/emulator.js';
import { growingDataJourney, ownDataJourney } from '../support/growing-data.js';
import { sized } from '../support/size.js';
import {
  newAwsPlace,
  newLocalPlace,
  startWithTrainer,
  startWithWorker,
} from '../support/worlds.js';

const WORLDS = [
  ['on this machine', describe, newLocalPlace],
  ['on AWS', sized(describe.skip, describeAws), newAwsPlace],
] as const;

for (const [where, suite, newPlace] of WORLDS) {
  suite(`a model of a dataset that grows, ${where}`, () => {
    growingDataJourney(() => startWithWorker(newPlace()));
  });
  suite(`a user with own data, ${where}`, () => {
    ownDataJourney(() => startWithWorker(newPlace()));
  });
}

describeLambda('under the real runtime client', () => {
  describeAws('a model of a dataset that grows, on AWS as in production', () => {
    growingDataJourney(startWithTrainer, 5);
  });
});
