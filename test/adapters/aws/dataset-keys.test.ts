import { expect, it } from '@jest/globals';
import { datasetOfKey } from '../../../src/adapters/aws/dataset-keys.js';

it.each([
  ['datasets/gems/0190/log/7', 'gems'],
  ['some/prefix/datasets/gem-stones-2/0190/log/12', 'gem-stones-2'],
  ['datasets/gems/0190/batches/0191/content', undefined],
  ['datasets/gems/0190/uploads/0191/log/7x', undefined],
  ['datasets/gems/states/7', undefined],
  ['datasets/Gems/0190/log/7', undefined],
  ['datasets/../0190/log/7', undefined],
  ['mydatasets/gems/0190/log/7', undefined],
  ['models/gems/0190/log/7', undefined],
  ['', undefined],
])('an object %s tells of the dataset %s', (key, dataset) => {
  expect(datasetOfKey(key)).toEqual(dataset && { client: '', dataset });
});
